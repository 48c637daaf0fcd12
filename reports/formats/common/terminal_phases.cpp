#include "reports/formats/common/phases.hpp"
#include "reports/formats/common/terminal_sections.hpp"
#include "reports/formats/common/text_table.hpp"

#include "loadgen/base/text.hpp"

namespace squall::reports {

std::string phases_section(const TerminalContext& context) {
  const std::vector<PhaseRow> rows = phase_rows(context.record);
  if (rows.empty()) {
    return {};
  }
  TextTable table({{"step", TextTable::Align::kLeft},
                   {"baseline"},
                   {"errors"},
                   {"p99"},
                   {"fault"},
                   {"errors"},
                   {"p99"},
                   {"recovery"},
                   {"errors"},
                   {"p99"},
                   {"as before"}});
  for (const PhaseRow& row : rows) {
    std::vector<TextTable::Cell> cells = {{printable(row.step)}};
    for (const PhaseCell& phase : row.phases) {
      cells.push_back({phase.operations});
      cells.push_back({phase.errors, phase.worse ? Tone::kWarn : Tone::kPlain});
      cells.push_back({phase.p99});
    }
    cells.push_back({row.recovered});
    table.add(std::move(cells));
  }
  return "\n" + context.style.paint(Tone::kStrong, "Before, during and after the faults") + "\n" +
         wrapped("  ", phases_line(context.record), context.options.width) +
         table.render(context.options.width, context.style);
}

}  // namespace squall::reports
