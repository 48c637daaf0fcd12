// A capacity in words, and its curve in order of rate: for every format that people read.
#pragma once

#include <string>
#include <vector>

#include "loadgen/model/capacity.hpp"

namespace squall::reports {

// "1420/s held, 1490/s did not: p99 …", without a line break. What the search did not settle is
// said.
[[nodiscard]] std::string capacity_sentence(const model::Capacity& capacity);

// The stages by rising rate, those of one rate in the order in which they ran.
[[nodiscard]] std::vector<model::CapacityStage> curve_of(const model::Capacity& capacity);

// "pass", "fail", "invalid"; "pass (confirmed)" and "fail (confirming)" for the longer stage.
[[nodiscard]] std::string stage_word(const model::CapacityStage& stage);

}  // namespace squall::reports
