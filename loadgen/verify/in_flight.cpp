#include "loadgen/verify/in_flight.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"

namespace squall::verify {
namespace {

// A shorter S is hard to hit by a timer and a network.
constexpr Duration kShort = std::chrono::milliseconds(20);
constexpr Duration kStretch = std::chrono::milliseconds(100);
constexpr unsigned kFewerBy = 3;  // rounds, when each takes that long
constexpr double kFrom = 0.1;
constexpr double kTo = 0.9;

void add_once(std::vector<int>& seen, int status) {
  if (std::find(seen.begin(), seen.end(), status) == seen.end()) {
    seen.push_back(status);
  }
}

}  // namespace

InFlight::InFlight(Lab& lab, PropertyTest& test)
    : lab_(lab), test_(test), service_time_(lab.service_time()), rounds_(lab.rounds()) {
  if (service_time_ < kShort) {
    const auto& dependencies = lab.idempotency().dependencies;
    static_cast<void>(std::any_of(dependencies.begin(), dependencies.end(),
                                  [this](const std::string& one) { return stretch(one); }));
  }
  test.provoked(fmt::format(
      "a second request 0.1 to 0.9 S after the first{}, {} rounds",
      slowed_.empty() ? ""
                      : fmt::format(", {} slowed down by {}", slowed_, format_duration(kStretch)),
      rounds_));
}

InFlight::~InFlight() {
  if (!slowed_.empty()) {
    heal(slowed_);
  }
}

void InFlight::heal(const std::string& dependency) {
  if (const auto healed = lab_.world().heal(dependency); !healed) {
    test_.note(fmt::format("{} is still slow: {}", dependency, healed.error().message));
  }
}

// Not every operation waits for every dependency: that it takes longer is seen, not assumed.
bool InFlight::stretch(const std::string& dependency) {
  if (const auto slow = lab_.world().slow(dependency, kStretch); !slow) {
    test_.note(fmt::format("{} could not be slowed down: {}", dependency, slow.error().message));
    return false;
  }
  Trial look;
  const Answer answer = lab_.play(look, lab_.shot(lab_.new_operation()));
  if (!answer.succeeded() || answer.service < kStretch) {
    heal(dependency);
    test_.note(answer.succeeded() ? fmt::format("the operation does not wait for {}", dependency)
                                  : fmt::format("the operation ends with status {} when {} is slow",
                                                answer.status, dependency));
    return false;
  }
  slowed_ = dependency;
  service_time_ = answer.service;
  rounds_ = std::max(1U, rounds_ / kFewerBy);
  return true;
}

void InFlight::conclude() {
  test_.note(fmt::format("in flight in {} of {} rounds", overlapping_, played_));
  if (played_ > 0 && overlapping_ == 0) {
    test_.not_tested("no second request came while the first one was running");
  }
}

Overlap InFlight::play(Trial& trial, const Shot& first, const Shot& second, unsigned round) {
  std::array<Shot, 2> shots = {first, second};
  const double place = kFrom + (kTo - kFrom) * lab_.stratum(round, rounds_);
  shots[1].after = std::chrono::duration_cast<Duration>(service_time_ * place);
  std::vector<Answer> answers = lab_.play(trial, shots);
  Overlap overlap{.first = std::move(answers[0]), .second = std::move(answers[1])};
  overlap.in_flight =
      overlap.second.sent > Duration::zero() && overlap.second.sent < overlap.first.ended;
  ++played_;
  overlapping_ += overlap.in_flight ? 1U : 0U;
  return overlap;
}

void note_refusal(Lab& lab, int status) {
  lab.observed().in_flight = model::InFlightMode::kReject;
  add_once(lab.observed().in_flight_status, status);
}

void judge_mismatch(Lab& lab, Trial& trial, const Answer& answer, Telltale success) {
  const model::IdempotencyProfile& profile = lab.profile();
  if (answer.succeeded()) {
    lab.observed().mismatch = model::MismatchMode::kReplay;
    if (profile.mismatch.value_or(model::MismatchMode::kReject) == model::MismatchMode::kReject) {
      trial.fails(model::PropertyHarm::kAnswer,
                  fmt::format("another payload is answered with success (status {}), silently",
                              answer.status),
                  success);
    }
    return;
  }
  if (Lab::is_refusal(answer.status, {})) {
    lab.observed().mismatch = model::MismatchMode::kReject;
    add_once(lab.observed().mismatch_status, answer.status);
  }
  if (!Lab::is_refusal(answer.status, profile.mismatch_status)) {
    trial.answers_otherwise(profile.mismatch.has_value(),
                            fmt::format("another payload ends with status {}", answer.status));
  }
}

}  // namespace squall::verify
