#include "loadgen/model/comparison.hpp"
#include "reports/formats/common/comparison_text.hpp"
#include "reports/formats/common/terminal_sections.hpp"

namespace squall::reports {

std::string comparison_section(const TerminalContext& context) {
  if (context.record.comparison == nullptr) {
    return {};
  }
  return "\n" + context.style.paint(Tone::kStrong, "Compared with the baseline") + "\n" +
         terminal_comparison(*context.record.comparison, context.options.width, context.style);
}

}  // namespace squall::reports
