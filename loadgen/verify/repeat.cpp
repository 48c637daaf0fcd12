#include "loadgen/verify/repeat.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::verify {
namespace {

constexpr Duration kLongestWait = std::chrono::milliseconds(500);
constexpr int kConflict = 409;

}  // namespace

std::string end_of(const Answer& answer) {
  return answer.status != 0
             ? fmt::format("status {} \"{}\"", answer.status, printable(answer.body, 80))
             : fmt::format("no answer ({})", model::to_string(answer.how));
}

bool says_in_flight(const Answer& answer, const model::IdempotencyProfile& profile) {
  const auto& declared = profile.in_flight_status;
  return answer.status == kConflict ||
         std::find(declared.begin(), declared.end(), answer.status) != declared.end();
}

bool leaves_open(const Answer& answer) {
  return answer.status == 0 || answer.status >= 500;
}

bool asks_again(const Answer& answer, const model::IdempotencyProfile& profile) {
  return says_in_flight(answer, profile) || leaves_open(answer);
}

void Backoff::wait(const Lab& lab) {
  (void)lab.wait(pause_);
  pause_ = std::min(pause_ * 2, kLongestWait);
}

std::optional<Answer> first_success(Lab& lab, Trial& trial, const Shot& shot) {
  Answer answer = lab.play(trial, shot);
  if (!answer.succeeded()) {
    trial.spoil("the first request was not taken: " + end_of(answer));
    return std::nullopt;
  }
  return answer;
}

Answer repeat_until_done(Lab& lab, Trial& trial, const Shot& shot) {
  const TimePoint end = monotonic_now() + lab.idempotency().lock_time;
  Backoff backoff;
  for (;;) {
    Answer answer = lab.play(trial, shot);
    if (!asks_again(answer, lab.profile()) || monotonic_now() >= end || lab.is_over()) {
      if (says_in_flight(answer, lab.profile())) {
        trial.fails(model::PropertyHarm::kStuck,
                    fmt::format("the key stays unusable: still {} after {}", end_of(answer),
                                format_duration(lab.idempotency().lock_time)));
      } else if (!answer.succeeded()) {
        trial.fails(model::PropertyHarm::kAnswer,
                    fmt::format("the retry ends with {}", end_of(answer)));
      }
      return answer;
    }
    backoff.wait(lab);
  }
}

void judge_replay(const Lab& lab, Trial& trial, const Answer& first, const Answer& replay) {
  if (const std::string other = lab.differs_from_first(first, replay); !other.empty()) {
    trial.answers_otherwise(lab.profile().replay.has_value(),
                            "the replay is not the first answer: " + other);
  }
}

}  // namespace squall::verify
