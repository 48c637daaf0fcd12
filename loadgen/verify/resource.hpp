// The resource that an operation makes, and what became of it.
#pragma once

#include <string_view>

#include "loadgen/verify/lab.hpp"

namespace squall::verify {

// Spoils the trial unless the reading is of a resource that is there: before anything is done to
// it, another answer means that the plan reads something else. Returns whether the trial stands.
bool shows_what_was_made(const Lab& lab, Trial& trial, const Answer& reading);

// Sends the operation, takes the resource's id from its answer and reads it. False, and the trial
// spoiled, when the answer names none or the reading does not show it. REQUIRES:
// [idempotency.read].
bool make_resource(Lab& lab, Trial& trial, Operation& operation);

// The update of the resource of `made`, under a key of its own, writing a value of its own.
[[nodiscard]] Shot new_update(Lab& lab, const Operation& made);

// Whether two readings of the resource show the same: status and, but for volatile fields, body.
[[nodiscard]] bool shows_the_same(const Lab& lab, const Answer& before, const Answer& after);

// Two readings between which nothing may have changed. `text`: "the replay changed …". The trial is
// spoiled when one of them shows no state: no answer, or a 5xx.
void judge_state(const Lab& lab, Trial& trial, const Answer& before, const Answer& after,
                 std::string_view text);

}  // namespace squall::verify
