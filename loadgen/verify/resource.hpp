// The resource that an operation makes, and what became of it.
#pragma once

#include <string_view>

#include "loadgen/verify/lab.hpp"

namespace squall::verify {

// Sends the operation and takes the resource's id from its answer. False, and the trial spoiled,
// when the answer names none.
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
