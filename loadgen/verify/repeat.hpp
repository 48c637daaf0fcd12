// What a well-behaved client does about an operation whose end it does not know: it asks again.
#pragma once

#include <optional>
#include <string>

#include "loadgen/verify/lab.hpp"

namespace squall::verify {

// How a request ended, for messages: "status 503 "busy"", "no answer (reset)". Outside text.
[[nodiscard]] std::string end_of(const Answer& answer);

// Whether an answer says that the key is in use right now: 409, or what the profile declares.
[[nodiscard]] bool says_in_flight(const Answer& answer, const model::IdempotencyProfile& profile);

// Whether it stays open if the operation was done: there was no answer, or a 5xx.
[[nodiscard]] bool leaves_open(const Answer& answer);

// Whether a client that wants to know asks again: its key is in use, or it was left open.
[[nodiscard]] bool asks_again(const Answer& answer, const model::IdempotencyProfile& profile);

// The growing waits between its tries.
class Backoff {
 public:
  void wait(const Lab& lab);

 private:
  Duration pause_ = std::chrono::milliseconds(5);
};

// Sends the operation's first request. A trial whose first request is not taken is spoiled, and
// nothing comes back: the target took this operation in the control group.
[[nodiscard]] std::optional<Answer> first_success(Lab& lab, Trial& trial, const Shot& shot);

// Repeats the shot, with waits between, while it is told that its key is in use or gets no answer
// or a 5xx, for as long as the plan's lock_time. What the trial is told when the end of it is no
// success: in use to the end, kStuck; else kAnswer. Gives the last answer.
Answer repeat_until_done(Lab& lab, Trial& trial, const Shot& shot);

// Holds a repeated answer against the first success: what differs warns, or fails when the profile
// declares what replays are like.
void judge_replay(const Lab& lab, Trial& trial, const Answer& first, const Answer& replay);

}  // namespace squall::verify
