// terminal: the summary that people read first. Verdict and reasons on top, evidence below, files
// last.
#include <algorithm>

#include "loadgen/model/report_format.hpp"
#include "reports/formats/common/terminal_sections.hpp"

namespace squall::reports {
namespace {

// Refused before the load: there is nothing to show but why.
bool never_began(const model::RunRecord& record) {
  return std::any_of(record.events.begin(), record.events.end(),
                     [](const model::RunEvent& event) { return event.kind == "refused"; });
}

std::string render(const model::RunRecord& record, const model::FormatOptions& options) {
  const TerminalContext context{record, options, Style(options.color)};
  if (never_began(record)) {
    return verdict_section(context) + files_section(context);
  }
  return verdict_section(context) + comparison_section(context) + checks_section(context) +
         idempotency_section(context) + findings_section(context) + effects_section(context) +
         cases_section(context) + capacity_section(context) + skew_section(context) +
         steps_section(context) + phases_section(context) + answers_section(context) +
         errors_section(context) + unmet_section(context) + faults_section(context) +
         proxies_section(context) + timeline_section(context) + instrument_section(context) +
         files_section(context);
}

}  // namespace

void register_format_terminal(model::FormatRegistry& registry);
void register_format_terminal(model::FormatRegistry& registry) {
  registry.add({.name = "terminal",
                .summary = "the summary that a run ends with, for people",
                .file_name = "",
                .render = render});
}

}  // namespace squall::reports
