// What single seconds of a run tell: for conditions with `for` and for `abort_when`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

// The condition's metric in one second, in its unit; nothing when there were no samples or seconds
// do not tell it.
[[nodiscard]] std::optional<double> value_in_second(const expr::Condition& condition,
                                                    const SecondSummary& second);

// Why the condition cannot be judged by the second ("by the second a run does not keep steps
// apart"), or nothing. A condition of which this is true never holds, so plans must not have it
// where seconds are looked at. `steps`: full names of all steps of the plan.
[[nodiscard]] std::optional<std::string> why_not_by_second(const expr::Condition& condition,
                                                           const std::vector<std::string>& steps);

}  // namespace squall::model
