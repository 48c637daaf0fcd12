// Judges trials by oracles that know only a total: while nothing else runs, what came between two
// readings belongs to the trial between them.
#pragma once

#include <string>

#include "loadgen/verify/judge.hpp"
#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {

// Before trials: what came until now belongs to none of them. Blocks until the total rests. Does
// nothing when oracles count by token.
void start_weighing(Lab& lab);

// After a trial: gives it the effects that came since the last reading; those of its one token, if
// it has one. Leaves it undecided when the total could not be read, or when the trial sent other
// requests than the operation and reads, whose effects a total cannot tell apart; then gives the
// reason. Blocks until the total rests.
std::string weigh(Lab& lab, Trial& trial);

// After trials that ran together, none of them weighed alone: fails the last sound one when there
// were more effects than all of them may have, or fewer than they must. A right sum decides
// nothing: a loss may hide a duplicate.
void weigh_together(Lab& lab, std::uint64_t effects_each, PropertyTest& test);

}  // namespace squall::verify
