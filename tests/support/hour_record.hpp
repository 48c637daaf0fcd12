// A run of an hour, for what has to stay small and quick.
#pragma once

#include "loadgen/model/run_record.hpp"

namespace squall::testing {

// sample_record's plan with five steps over an hour: each second has responses of each step and
// exposure over about four doublings, seconds 1200 to 1799 are ten times slower and have timeouts.
// Always the same.
[[nodiscard]] model::RunRecord hour_record();

}  // namespace squall::testing
