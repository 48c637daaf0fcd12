// Judging a step by operations that were acknowledged and have no effect.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

struct LossWords {
  std::string_view detector;
  std::uint64_t least = 1;            // acknowledged operations for a pass
  std::vector<std::string> remedies;  // the most important first
};

// fail: some acknowledged operations of the step are not there when all has come to rest, with how
// they came about. pass: all are, with the bound that follows for the rate. Else inconclusive or
// invalid.
[[nodiscard]] model::Finding judge_lost(const model::RunRecord& record,
                                        const model::EffectCounts& counts, const LossWords& words);

}  // namespace squall::reports
