// The page of a property that was not kept, for findings/ in a run's directory.
#pragma once

#include <string>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Markdown: the promise, what happened, each case with its timeline and requests, how it is mended,
// how to see it again. Text of the target is escaped. `directory`: of the run, for the commands.
// Pure.
[[nodiscard]] std::string property_page(const model::RunRecord& record,
                                        const model::PropertyResult& property,
                                        const std::string& directory);

}  // namespace squall::reports
