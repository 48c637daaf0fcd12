// Reads back what a run left.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

// record.json of the directory; when there is none, because squall was killed, what the journal
// tells, judged without its plan's checks (complete is false then). kNotFound when it is no run's
// directory.
[[nodiscard]] Result<model::RunRecord> read_recorded_run(const std::string& directory);

}  // namespace squall::app
