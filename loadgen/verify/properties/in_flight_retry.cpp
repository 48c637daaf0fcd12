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
  const Answer& second = overlap.second;
  const model::IdempotencyProfile& profile = lab.profile();
  if (!overlap.in_flight) {
    return;
  }
  if (second.succeeded()) {
    // Both answers leave at the same moment; one that is not the first's is of its own.
    const bool same = lab.differs_from_first(overlap.first, second).empty();
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
  const InFlight in_flight(lab, test);
  unsigned overlapping = 0;
  unsigned round = 0;
  test.rounds(in_flight.rounds(), [&](Trial& trial) {
    Shot shot = lab.shot(lab.new_operation());
    trial.expect(shot.operation);
    const Overlap overlap = in_flight.play(trial, shot, shot, round++);
    overlapping += overlap.in_flight ? 1U : 0U;
    judge_second(lab, trial, overlap);
    repeat_until_done(lab, trial, shot);
  });
  test.note(fmt::format("in flight in {} of {} rounds", overlapping, in_flight.rounds()));
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
