#include "loadgen/verify/repeat.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::verify {
namespace {

constexpr Duration kFirstWait = std::chrono::milliseconds(5);
constexpr Duration kLongestWait = std::chrono::milliseconds(500);
constexpr int kConflict = 409;

std::string end_of(const Answer& answer) {
  return answer.status != 0
             ? fmt::format("status {} \"{}\"", answer.status, printable(answer.body, 80))
             : fmt::format("no answer ({})", model::to_string(answer.how));
}

}  // namespace

bool says_in_flight(const Answer& answer, const model::IdempotencyProfile& profile) {
  const auto& declared = profile.in_flight_status;
  return answer.status == kConflict ||
         std::find(declared.begin(), declared.end(), answer.status) != declared.end();
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
  Duration pause = kFirstWait;
  for (;;) {
    Answer answer = lab.play(trial, shot);
    const bool in_flight = says_in_flight(answer, lab.profile());
    const bool again = in_flight || answer.status == 0 || answer.status >= 500;
    if (!again || monotonic_now() >= end || lab.stopped()) {
      if (in_flight) {
        trial.fails(model::PropertyHarm::kStuck,
                    fmt::format("the key stays unusable: still {} after {}", end_of(answer),
                                format_duration(lab.idempotency().lock_time)));
      } else if (!answer.succeeded()) {
        trial.fails(model::PropertyHarm::kAnswer,
                    fmt::format("the retry ends with {}", end_of(answer)));
      }
      return answer;
    }
    (void)lab.wait(pause);
    pause = std::min(pause * 2, kLongestWait);
  }
}

void judge_replay(const Lab& lab, Trial& trial, const Answer& first, const Answer& replay) {
  if (const std::string other = lab.differs_from_first(first, replay); !other.empty()) {
    trial.answers_otherwise(lab.profile().replay.has_value(),
                            "the replay is not the first answer: " + other);
  }
}

}  // namespace squall::verify
