// 5: a client that does not wait.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/in_flight.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "claim the key atomically before the work, and keep the claim until the answer is stored",
    "refuse with 409, or let the retry wait for the first one's answer",
};

void judge_second(Lab& lab, Trial& trial, const Overlap& overlap) {
  // The second request may overtake the first on its way: then that one is the retry.
  const bool overtaken = !overlap.first.succeeded() && overlap.second.succeeded();
  const Answer& first = overtaken ? overlap.second : overlap.first;
  const Answer& second = overtaken ? overlap.first : overlap.second;
  const model::IdempotencyProfile& profile = lab.profile();
  if (!overlap.in_flight) {
    return;
  }
  if (second.succeeded()) {
    // Both answers leave at the same moment; one that is not the first's is of its own.
    const bool same = lab.differs_from_first(first, second).empty();
    const auto mode = same ? model::InFlightMode::kBlock : model::InFlightMode::kReplay;
    lab.observed().in_flight = mode;
    if (profile.in_flight && *profile.in_flight != mode) {
      trial.answers_otherwise(
          true, fmt::format("a retry in flight gets status {} ({}), declared is {}", second.status,
                            model::to_string(mode), model::to_string(*profile.in_flight)));
    }
    return;
  }
  if (Lab::is_refusal(second.status, {})) {
    note_refusal(lab, second.status);
  }
  const bool declared = profile.in_flight.has_value();
  const bool as_declared = declared && *profile.in_flight == model::InFlightMode::kReject &&
                           Lab::is_refusal(second.status, profile.in_flight_status);
  const bool usual = !declared && says_in_flight(second, profile);
  if (!as_declared && !usual) {
    trial.answers_otherwise(declared, fmt::format("a retry in flight ends with status {} ({})",
                                                  second.status, model::to_string(second.how)));
  }
}

void test(Lab& lab, PropertyTest& test) {
  InFlight in_flight(lab, test);
  unsigned round = 0;
  test.rounds(in_flight.rounds(), [&](Trial& trial) {
    Shot shot = lab.shot(lab.new_operation());
    trial.expect(shot.operation);
    const Overlap overlap = in_flight.play(trial, shot, shot, round++);
    judge_second(lab, trial, overlap);
    repeat_until_done(lab, trial, shot);
  });
  in_flight.conclude();
}

}  // namespace

void register_property_kind_in_flight_retry(PropertyRegistry& registry);
void register_property_kind_in_flight_retry(PropertyRegistry& registry) {
  registry.add(
      {.name = "in-flight-retry",
       .number = 5,
       .title = "In-flight retry",
       .provocation = "the same request while the first is running",
       .promise = "A retry that comes while the first one is running has no effect of its own.",
       .lacks = lacks_nothing,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
