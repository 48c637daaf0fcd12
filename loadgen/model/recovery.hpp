// How long a target took to be as it was before, after the last fault had ended.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/model/run_record.hpp"

namespace squall::model {

enum class RecoveryState : std::uint8_t {
  kRecovered,
  kNever,              // not by the end of the measured phase
  kNotEnoughBaseline,  // nothing to compare with: see below
  kNotMeasured,        // no whole second followed the fault phase
  kNoFault,            // the plan has no fault or action
};
// "recovered", "never", "not enough baseline", "not measured", "no fault".
[[nodiscard]] std::string_view to_string(RecoveryState value);

struct Recovery {
  RecoveryState state = RecoveryState::kNoFault;
  // kRecovered: from the end of the fault phase, or of an action that was over later than planned,
  // to the beginning of the first second from which every second until the end of the measured
  // phase is good. At best the rest of the second in which the fault ended.
  Duration time{};
  // The metric of the last second that was not good: "error_rate", "response p99" or "rate"; empty
  // when all were. With what it was and the limit, for people.
  std::string held_up_by;
  std::string detail;
  std::uint64_t baseline_seconds = 0;  // with samples
  std::uint64_t recovery_seconds = 0;
};

// Of the steps that `step` selects (as in CellFilter), by the record's RecoverySettings. A second
// is good when all the chosen metrics are, each against the baseline's own seconds:
//
//   error_rate     at most `within` above the baseline's worst second, or one percentage point
//   above response p99   at most `within` above the baseline's worst second, or `slack` above; of
//   several
//                  steps that of the slowest
//   rate           acked a second; at least `within` below the baseline's slowest second, or as few
//                  as chance explains (four standard deviations of a Poisson count)
//
// Only operations that were due after that end count: what was asked for while the fault
// lasted may fail long after it. A second without samples is not good. Not enough baseline: fewer
// than two whole seconds or 20 operations, or seconds without samples. Pure.
[[nodiscard]] Recovery recovery_of(const RunRecord& record, std::string_view step = {});
[[nodiscard]] Recovery recovery_of(const RunRecord& record, std::string_view step,
                                   const RecoverySettings& settings);

}  // namespace squall::model
