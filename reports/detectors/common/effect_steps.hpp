// Which effect steps a detector looks at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// The effect steps of the run that `selectors` mean (all without selectors); none when the plan
// does not ask for the detector, or when the run counted no effects. They point into the record.
[[nodiscard]] std::vector<const model::EffectCounts*> effect_steps(
    const model::RunRecord& record, std::string_view detector,
    const std::vector<std::string>& selectors);

// Whether one of the selectors means the step, or there are none.
[[nodiscard]] bool is_selected(const std::vector<std::string>& selectors, std::string_view step);

}  // namespace squall::reports
