// The [checks] of a plan that a run left behind, read alone.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/plan/loader.hpp"

namespace squall::plan {

// What the plan.toml in a run's directory wants judged. Of the rest only [vars] is looked at: no
// port is taken, and a variable of the environment that is not set any more stands for nothing, so
// a run can be judged where it could not be repeated. Of `options` the environment and the run id
// are used. kMalformed with the first problem, secrets removed; `file` is for
// positions.
[[nodiscard]] Result<model::Checks> read_saved_checks(std::string_view text,
                                                      const std::string& file,
                                                      const Registries& registries,
                                                      const LoadOptions& options);

}  // namespace squall::plan
