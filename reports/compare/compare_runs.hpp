// One run against another: what `squall compare` and a baseline say.
#pragma once

#include <string>

#include "loadgen/model/comparison.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// What goes into the report's names of the sides: directories.
struct SideNames {
  std::string base;
  std::string candidate;
};

// For each step that both have: response percentiles that both carry and the share of errors, clean
// and faulted apart; what was achieved (of arrivals: the share that was sent; of users: the rate);
// counts of effects. Response and rate of a run whose measurement is invalid are left out, and so
// are effects that are not known; then nothing but worse can come of the whole.
//
// The intervals know what differs within a run, from second to second, not what differs from run to
// run (ACCURACY §3, hysteresis); the notes say so.
[[nodiscard]] model::ComparisonReport compare_runs(const model::RunRecord& base,
                                                   const model::RunRecord& candidate,
                                                   const model::ComparisonSettings& settings,
                                                   const SideNames& names);

}  // namespace squall::reports
