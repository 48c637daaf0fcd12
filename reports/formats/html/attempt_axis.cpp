#include "reports/formats/html/attempt_axis.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "reports/formats/common/escape.hpp"

namespace squall::reports {
namespace {

constexpr std::size_t kMostAttempts = 40;
constexpr int kRowHeight = 34;
constexpr int kBarHeight = 12;

struct Axis {
  Duration from{};
  Duration length{};

  [[nodiscard]] double percent(Duration at) const {
    return 100 * to_seconds(at - from) / std::max(to_seconds(length), 1e-9);
  }
};

std::string_view class_of(const model::EffectAttempt& attempt) {
  return attempt.how == model::AttemptClass::kSuccess ? "good"
         : attempt.how == model::AttemptClass::kCut   ? "cut"
                                                      : "bad";
}

std::string bar(const Axis& axis, Duration from, Duration to, int y, std::string_view of_class) {
  // As wide as a hair at least: a short one must be seen.
  const double left = axis.percent(from);
  const double width = std::max(axis.percent(to) - left, 0.4);
  return fmt::format(
      "<rect class=\"{}\" x=\"{:.3f}%\" y=\"{}\" width=\"{:.3f}%\" height=\"{}\" rx=\"2\"/>",
      of_class, left, y, std::min(width, 100 - left), kBarHeight);
}

std::string label(const model::EffectAttempt& attempt) {
  std::string text = fmt::format("attempt {}", attempt.attempt + 1);
  if (attempt.copy > 0) {
    text += fmt::format(" copy {}", attempt.copy + 1);
  }
  text += attempt.status != 0 ? fmt::format(": {} {}", attempt.status, to_string(attempt.how))
                              : fmt::format(": {}", to_string(attempt.how));
  return text + " after " + format_duration(attempt.end - attempt.first_byte);
}

}  // namespace

std::string attempt_axis(const model::EffectCase& wrong) {
  if (wrong.timeline.empty()) {
    return {};
  }
  Duration from = wrong.timeline.front().intended;
  Duration to = wrong.timeline.front().end;
  for (const model::EffectAttempt& attempt : wrong.timeline) {
    from = std::min({from, attempt.intended, attempt.first_byte});
    to = std::max(to, attempt.end);
  }
  const Axis axis{from, std::max(to - from, Duration(1))};
  const std::size_t rows = std::min(wrong.timeline.size(), kMostAttempts);
  const int bottom = static_cast<int>(rows) * kRowHeight;
  std::string text = fmt::format(
      "<svg class=\"timeline\" role=\"img\" aria-label=\"attempts over {}\" height=\"{}\">",
      format_duration(axis.length), bottom + 18);
  for (std::size_t i = 0; i < rows; ++i) {
    const model::EffectAttempt& attempt = wrong.timeline[i];
    const int y = static_cast<int>(i) * kRowHeight + 2;
    text += bar(axis, attempt.intended, attempt.first_byte, y, "wait") +
            bar(axis, attempt.first_byte, attempt.end, y, class_of(attempt));
    // From the left for what begins in the left half, so that no label leaves the axis.
    const double at = axis.percent(attempt.first_byte);
    text += at < 50 ? fmt::format("<text x=\"{:.3f}%\" y=\"{}\">{}</text>", at, y + kBarHeight + 12,
                                  html_text(label(attempt)))
                    : fmt::format("<text x=\"100%\" y=\"{}\" text-anchor=\"end\">{}</text>",
                                  y + kBarHeight + 12, html_text(label(attempt)));
  }
  text += fmt::format(
      "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{0}\" y2=\"{0}\"/>"
      "<text class=\"soft\" x=\"0\" y=\"{1}\">{2:+.3f}s</text>"
      "<text class=\"soft\" x=\"100%\" y=\"{1}\" text-anchor=\"end\">{3:+.3f}s</text></svg>\n",
      bottom + 1, bottom + 14, to_seconds(axis.from), to_seconds(axis.from + axis.length));
  return text;
}

}  // namespace squall::reports
