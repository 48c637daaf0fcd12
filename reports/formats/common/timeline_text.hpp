// The timeline of a run in words, the same in every report.
#pragma once

#include <string>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// "+10.0s to +20.0s": when it was on; what was planned where that is not known.
[[nodiscard]] std::string time_on(const model::RecordedAction& action);

// "as planned", "12.0ms late", "never begun", or what went wrong.
[[nodiscard]] std::string how_it_went(const model::RecordedAction& action);

}  // namespace squall::reports
