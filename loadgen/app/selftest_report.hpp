// What `squall selftest` prints.
#pragma once

#include <string>

#include "loadgen/model/report_format.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

// The instrument's own figures: each span with its percentiles, what was due and taken up, the time
// that a request costs, breaches. `record`: a run against a null server.
[[nodiscard]] std::string selftest_report(const model::RunRecord& record,
                                          const model::FormatOptions& options);

}  // namespace squall::app
