// 5: a client that does not wait.
#include <array>
#include <vector>

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

// What retries in flight were told. One that gets the first one's answer was made to wait, or came
// when the work was done: which of the two is known only when others were refused, or none was.
class Retries {
 public:
  Retries(Lab& lab, PropertyTest& test) : lab_(lab), test_(test) {}

  // REQUIRES: the trial is the one that the test makes now.
  void judge(Trial& trial, const Overlap& overlap);
  void conclude();

 private:
  struct Same {
    std::size_t trial = 0;  // place among the test's
    int status = 0;
  };

  void otherwise(Trial& trial, int status, model::InFlightMode mode) const;

  Lab& lab_;
  PropertyTest& test_;
  std::vector<Same> same_;
  unsigned refused_ = 0;
};

void Retries::otherwise(Trial& trial, int status, model::InFlightMode mode) const {
  const auto& declared = lab_.profile().in_flight;
  if (declared && *declared != mode) {
    trial.answers_otherwise(
        true, fmt::format("a retry in flight gets status {} ({}), declared is {}", status,
                          model::to_string(mode), model::to_string(*declared)));
  }
}

void Retries::judge(Trial& trial, const Overlap& overlap) {
  // The second request may overtake the first on its way: then that one is the retry.
  const bool overtaken = !overlap.first.succeeded() && overlap.second.succeeded();
  const Answer& first = overtaken ? overlap.second : overlap.first;
  const Answer& second = overtaken ? overlap.first : overlap.second;
  const model::IdempotencyProfile& profile = lab_.profile();
  if (!overlap.in_flight) {
    return;
  }
  if (second.succeeded()) {
    if (lab_.differs_from_first(first, second).empty()) {
      same_.push_back({test_.trials().size(), second.status});
    } else {
      lab_.observed().in_flight = model::InFlightMode::kReplay;
      otherwise(trial, second.status, model::InFlightMode::kReplay);
    }
    return;
  }
  if (Lab::is_refusal(second.status, {})) {
    note_refusal(lab_, second.status);
    ++refused_;
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

void Retries::conclude() {
  if (same_.empty()) {
    return;
  }
  if (refused_ > 0) {
    lab_.observed().in_flight = model::InFlightMode::kReject;
    test_.note(fmt::format("{} got the first one's answer: they came when the work was done",
                           same_.size()));
    return;
  }
  if (!lab_.observed().in_flight) {
    lab_.observed().in_flight = model::InFlightMode::kBlock;
  }
  for (const Same& same : same_) {
    otherwise(test_.trials()[same.trial], same.status, model::InFlightMode::kBlock);
  }
}

void test(Lab& lab, PropertyTest& test) {
  InFlight in_flight(lab, test);
  Retries retries(lab, test);
  unsigned round = 0;
  test.rounds(in_flight.rounds(), [&](Trial& trial) {
    Shot shot = lab.shot(lab.new_operation());
    trial.expect(shot.operation);
    const Overlap overlap = in_flight.play(trial, shot, shot, round++);
    retries.judge(trial, overlap);
    repeat_until_done(lab, trial, shot);
  });
  retries.conclude();
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
