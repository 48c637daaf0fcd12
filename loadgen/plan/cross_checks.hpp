// Problems that show only when the whole plan is read.
#pragma once

#include "loadgen/plan/build.hpp"

namespace squall::plan {

// One thread; all report to Build::diagnostics.

// Effect steps without an oracle and the other way round.
void check_effects(Build& build);

// Actions of one kind that are on at the same time and on the same process: neither could be undone
// alone.
void check_actions(Build& build);

// Finds where the measured phase is split (Plan::phases): not a check, but what the next one asks.
void split_phases(Build& build);

// Conditions about steps, phases, faults or effects that the plan does not have.
void check_conditions(Build& build);

// Faults that ask more of a target's engine than it can do.
void check_engines(Build& build);

// Scenarios that together ask for more than Plan::max_rate, which is given at `where`. Looks at
// plans without other errors only: what is not read has no rate.
void check_max_rate(const SourceRef& where, Build& build);

// Unique feeders that two scenarios share or that have too few rows. Fills
// Scenario::arrivals_with_rows.
void check_feeders(Build& build);

// What only one process can do, in a plan that several share. Does nothing for a whole run.
void check_shard(Build& build);

// Generated content that would have to be in memory as a whole, and is too large for it.
void check_bodies(Build& build);

// Faults that cannot fire, and faults that contradict each other on one attempt.
void check_faults(Build& build);
// What the faults make of requests against the steps that they touch: a body that they need, other
// replicas, time for late copies.
void check_fault_scripts(Build& build);

}  // namespace squall::plan
