// Reads back what a run left.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

// record.json of the directory. When there is none, what the journal tells: of a run that was
// killed (complete is false then) that is judged here, by the checks of the plan as it was run,
// plan.toml; a plan that cannot be read any more is a reason in the record, which then judges
// nothing. kNotFound when it is no run's directory.
[[nodiscard]] Result<model::RunRecord> read_recorded_run(const std::string& directory);

// A record.json wherever it was put. kNotFound or kIo when it cannot be read, kMalformed (where in
// it) or kInvalidArgument (another version's) when it is none.
[[nodiscard]] Result<model::RunRecord> read_record_file(const std::string& path);

}  // namespace squall::app
