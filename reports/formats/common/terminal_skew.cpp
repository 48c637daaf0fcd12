#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "reports/formats/common/skew_text.hpp"
#include "reports/formats/common/terminal_sections.hpp"
#include "reports/formats/common/text_table.hpp"

namespace squall::reports {

std::string skew_section(const TerminalContext& context) {
  const model::SkewSweep& sweep = context.record.skew;
  if (!sweep.was_asked_for()) {
    return {};
  }
  std::string text = "\n" + context.style.paint(Tone::kStrong, "Times of requests") + "\n";
  for (const std::string& line : skew_lines(sweep)) {
    text += wrapped("  ", printable(line, 500), context.options.width);
  }
  return text;
}

}  // namespace squall::reports
