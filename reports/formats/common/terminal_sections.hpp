// The parts of the summary that people read on a terminal. Each is empty or ends with a line break.
#pragma once

#include <string>

#include "loadgen/model/report_format.hpp"
#include "reports/formats/common/style.hpp"

namespace squall::reports {

struct TerminalContext {
  const model::RunRecord& record;  // borrowed
  const model::FormatOptions& options;
  Style style;
};

[[nodiscard]] std::string verdict_section(const TerminalContext& context);
[[nodiscard]] std::string comparison_section(const TerminalContext& context);
[[nodiscard]] std::string capacity_section(const TerminalContext& context);
[[nodiscard]] std::string skew_section(const TerminalContext& context);
[[nodiscard]] std::string steps_section(const TerminalContext& context);
[[nodiscard]] std::string phases_section(const TerminalContext& context);
[[nodiscard]] std::string answers_section(const TerminalContext& context);
[[nodiscard]] std::string errors_section(const TerminalContext& context);
[[nodiscard]] std::string unmet_section(const TerminalContext& context);
[[nodiscard]] std::string faults_section(const TerminalContext& context);
[[nodiscard]] std::string proxies_section(const TerminalContext& context);
[[nodiscard]] std::string timeline_section(const TerminalContext& context);
[[nodiscard]] std::string idempotency_section(const TerminalContext& context);
[[nodiscard]] std::string effects_section(const TerminalContext& context);
[[nodiscard]] std::string cases_section(const TerminalContext& context);
[[nodiscard]] std::string checks_section(const TerminalContext& context);
[[nodiscard]] std::string findings_section(const TerminalContext& context);
[[nodiscard]] std::string instrument_section(const TerminalContext& context);
[[nodiscard]] std::string files_section(const TerminalContext& context);

}  // namespace squall::reports
