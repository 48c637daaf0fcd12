// The parts of report.html, in the order in which they stand on the page. Each is HTML, with
// outside text escaped, and empty when the record has nothing for it. Pure.
#pragma once

#include <string>

#include "loadgen/model/report_format.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Above everything: what the run came to, why, and its most telling figures.
[[nodiscard]] std::string verdict_banner(const model::RunRecord& record);
[[nodiscard]] std::string comparison_html(const model::RunRecord& record);
[[nodiscard]] std::string checks_html(const model::RunRecord& record);
[[nodiscard]] std::string findings_html(const model::RunRecord& record,
                                        const model::FormatOptions& options);
// Their canvases, which the page's script draws on.
[[nodiscard]] std::string capacity_html(const model::RunRecord& record);
[[nodiscard]] std::string charts_html(const model::RunRecord& record);
[[nodiscard]] std::string steps_html(const model::RunRecord& record);
[[nodiscard]] std::string phases_html(const model::RunRecord& record);
[[nodiscard]] std::string failures_html(const model::RunRecord& record);
[[nodiscard]] std::string faults_html(const model::RunRecord& record);
[[nodiscard]] std::string timeline_html(const model::RunRecord& record);
[[nodiscard]] std::string effects_html(const model::RunRecord& record);
[[nodiscard]] std::string idempotency_html(const model::RunRecord& record,
                                           const model::FormatOptions& options);
[[nodiscard]] std::string history_html(const model::RunRecord& record);
[[nodiscard]] std::string skew_html(const model::RunRecord& record);
[[nodiscard]] std::string instrument_html(const model::RunRecord& record);
// Plan, seed, versions, shards, and the command that repeats the run.
[[nodiscard]] std::string run_html(const model::RunRecord& record);

}  // namespace squall::reports
