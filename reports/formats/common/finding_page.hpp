// One page per finding, for findings/ in a run's directory.
#pragma once

#include <string>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Markdown: what happened, the evidence, how to see it again, how it is usually mended.
// Target-supplied text is escaped. `directory`: of the run, for the commands. Pure.
[[nodiscard]] std::string finding_page(const model::RunRecord& record,
                                       const model::Finding& finding, const std::string& directory);

}  // namespace squall::reports
