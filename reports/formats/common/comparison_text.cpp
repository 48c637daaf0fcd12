#include "reports/formats/common/comparison_text.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/text_table.hpp"

namespace squall::reports {
namespace {

using model::ComparisonReport;
using model::ComparisonScale;
using model::ComparisonVerdict;
using model::MetricComparison;

constexpr double kBeyond = 1e8;  // what stands for infinity in records is above this
constexpr std::size_t kSentence = 400;

bool is_response(const MetricComparison& metric) {
  return metric.metric.rfind("response", 0) == 0;
}

std::string value_text(const MetricComparison& metric, double value) {
  if (!metric.measured) {
    return "n/a";
  }
  switch (metric.scale) {
    case ComparisonScale::kCount:
      return fmt::format("{:.0f}", value);
    case ComparisonScale::kPoints:
      return fmt::format("{:.3g}%", 100 * value);
    case ComparisonScale::kRatio:
      break;
  }
  // Records may hold anything; a duration holds 292 years.
  constexpr double kMostMicroseconds = 9e15;
  return is_response(metric)
             ? format_duration(std::chrono::microseconds(std::llround(
                   std::isfinite(value) ? std::clamp(value, 0.0, kMostMicroseconds) : 0.0)))
             : format_rate(Rate{std::isfinite(value) ? std::max(value, 0.0) : 0.0});
}

std::string signed_text(const MetricComparison& metric, double value) {
  if (std::abs(value) > kBeyond) {
    return value < 0 ? "-∞" : "+∞";
  }
  switch (metric.scale) {
    case ComparisonScale::kCount:
      return fmt::format("{:+.0f}", value);
    case ComparisonScale::kPoints:
      return fmt::format("{:+.2f}pt", 100 * value);
    case ComparisonScale::kRatio:
      return fmt::format("{:+.1f}%", 100 * value);
  }
  return "";
}

std::string side_text(const std::string& name) {
  return printable(name, 300);
}

std::size_t count_of(const ComparisonReport& report, ComparisonVerdict verdict) {
  return static_cast<std::size_t>(
      std::count_if(report.metrics.begin(), report.metrics.end(),
                    [&](const MetricComparison& metric) { return metric.verdict == verdict; }));
}

// "1 worse, 5 the same".
std::string counts_text(const ComparisonReport& report) {
  std::string text;
  for (const ComparisonVerdict verdict :
       {ComparisonVerdict::kWorse, ComparisonVerdict::kBetter, ComparisonVerdict::kInconclusive,
        ComparisonVerdict::kSame}) {
    if (const std::size_t count = count_of(report, verdict); count > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, model::to_string(verdict));
    }
  }
  return text.empty() ? "no metric could be compared" : text;
}

std::string sentence_of(const MetricComparison& metric) {
  return fmt::format("{} {} ({}), {} to {}", printable(name_of(metric)), difference_text(metric),
                     interval_text(metric), base_text(metric), candidate_text(metric));
}

std::string_view sign_of(ComparisonVerdict verdict) {
  switch (verdict) {
    case ComparisonVerdict::kSame:
      return "✅";
    case ComparisonVerdict::kBetter:
      return "🟢";
    case ComparisonVerdict::kInconclusive:
      return "⚠️";
    case ComparisonVerdict::kWorse:
      return "❌";
  }
  return "";
}

// What people look for first.
std::vector<MetricComparison> worst_first(std::vector<MetricComparison> metrics) {
  std::stable_sort(metrics.begin(), metrics.end(), [](const auto& a, const auto& b) {
    return (a.verdict == ComparisonVerdict::kWorse) > (b.verdict == ComparisonVerdict::kWorse);
  });
  return metrics;
}

using MetricGroup = std::pair<std::string, std::vector<MetricComparison>>;

// By step and exposure, in the order in which they first stand.
std::vector<MetricGroup> by_place(const std::vector<MetricComparison>& metrics) {
  std::vector<MetricGroup> groups;
  for (const MetricComparison& metric : metrics) {
    const std::string place = metric.step + (metric.exposure.empty() ? "" : " ") + metric.exposure;
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const MetricGroup& group) { return group.first == place; });
    (found == groups.end() ? groups.emplace_back(place, std::vector<MetricComparison>()) : *found)
        .second.push_back(metric);
  }
  return groups;
}

TextTable metric_table(const std::vector<MetricComparison>& metrics) {
  using Align = TextTable::Align;
  TextTable table({{"", Align::kLeft},
                   {"metric", Align::kLeft},
                   {"base"},
                   {"candidate"},
                   {"difference"},
                   {"at 95%"},
                   {"tolerance", Align::kLeft}});
  for (const MetricComparison& metric : metrics) {
    table.add({{std::string(model::to_string(metric.verdict)), tone_of(metric.verdict)},
               {printable(metric.metric)},
               {base_text(metric)},
               {candidate_text(metric)},
               {difference_text(metric)},
               {interval_text(metric)},
               {tolerance_text(metric)}});
  }
  return table;
}

}  // namespace

std::string comparison_method(const ComparisonReport& report) {
  if (report.method == model::ComparisonMethod::kTwoRuns) {
    return "one run each";
  }
  return fmt::format("{} round{} in turns, after {} of the base against itself", report.rounds,
                     report.rounds == 1 ? "" : "s", report.noise_rounds);
}

std::string comparison_sentence(const ComparisonReport& report) {
  std::string text = fmt::format("{}: ", model::to_string(report.verdict));
  std::size_t told = 0;
  for (const MetricComparison& metric : report.metrics) {
    if (metric.verdict == ComparisonVerdict::kWorse && told++ < 3) {
      text += sentence_of(metric) + "; ";
    }
  }
  return text + counts_text(report);
}

std::string base_text(const MetricComparison& metric) {
  return value_text(metric, metric.base);
}

std::string candidate_text(const MetricComparison& metric) {
  return value_text(metric, metric.candidate);
}

std::string difference_text(const MetricComparison& metric) {
  return metric.measured ? signed_text(metric, metric.difference) : "n/a";
}

std::string interval_text(const MetricComparison& metric) {
  if (!metric.measured) {
    return "n/a";
  }
  if (metric.scale == ComparisonScale::kCount) {
    return "exact";
  }
  // A ratio has nothing below -100%.
  const bool none_below = std::abs(metric.low) > kBeyond ||
                          (metric.scale == ComparisonScale::kRatio && metric.low <= -1);
  return none_below && std::abs(metric.high) > kBeyond
             ? "n/a"
             : fmt::format("{} to {}", signed_text(metric, metric.low),
                           signed_text(metric, metric.high));
}

std::string tolerance_text(const MetricComparison& metric) {
  if (metric.scale == ComparisonScale::kCount) {
    return "0";
  }
  const char* unit = metric.scale == ComparisonScale::kPoints ? "pt" : "%";
  std::string text = fmt::format("{:.3g}{}", 100 * metric.tolerance, unit);
  if (metric.noise_floor > metric.tolerance) {
    text += fmt::format(", noise {:.3g}{}", 100 * metric.noise_floor, unit);
  }
  return text;
}

Tone tone_of(ComparisonVerdict verdict) {
  switch (verdict) {
    case ComparisonVerdict::kSame:
    case ComparisonVerdict::kBetter:
      return Tone::kGood;
    case ComparisonVerdict::kInconclusive:
      return Tone::kWarn;
    case ComparisonVerdict::kWorse:
      return Tone::kBad;
  }
  return Tone::kPlain;
}

std::string terminal_comparison(const ComparisonReport& report, std::size_t width,
                                const Style& style) {
  std::string text =
      wrapped("  base       ", side_text(report.base), width) +
      wrapped("  candidate  ",
              fmt::format("{} ({})", side_text(report.candidate), comparison_method(report)),
              width);
  for (const auto& [place, metrics] : by_place(worst_first(report.metrics))) {
    text += wrapped("  ", printable(place), width) + metric_table(metrics).render(width, style);
  }
  for (const MetricComparison& metric : report.metrics) {
    if (!metric.note.empty()) {
      text += wrapped("  ", printable(name_of(metric)) + ": " + printable(metric.note, kSentence),
                      width);
    }
  }
  for (const std::string& note : report.notes) {
    text += wrapped("  note: ", printable(note, kSentence), width);
  }
  return text;
}

std::string markdown_comparison(const ComparisonReport& report, std::size_t most_rows) {
  std::string text = fmt::format("\n{} compared with {} ({}): **{}**\n", sign_of(report.verdict),
                                 markdown_code(report.base), comparison_method(report),
                                 markdown_text(comparison_sentence(report), 1000));
  if (!report.metrics.empty()) {
    text +=
        "\n| | metric | base | candidate | difference | at 95% | tolerance |\n"
        "|---|---|--:|--:|--:|--:|--:|\n";
  }
  const std::vector<MetricComparison> metrics = worst_first(report.metrics);
  for (std::size_t i = 0; i < std::min(metrics.size(), most_rows); ++i) {
    const MetricComparison& metric = metrics[i];
    text += fmt::format("| {} {} | {} | {} | {} | {} | {} | {} |\n", sign_of(metric.verdict),
                        model::to_string(metric.verdict), markdown_code(name_of(metric)),
                        base_text(metric), candidate_text(metric), difference_text(metric),
                        interval_text(metric), tolerance_text(metric));
  }
  if (metrics.size() > most_rows) {
    text += fmt::format("\n{} more are in the JSON.\n", metrics.size() - most_rows);
  }
  text += report.notes.empty() ? "" : "\n";
  for (std::size_t i = 0; i < std::min(report.notes.size(), most_rows); ++i) {
    text += fmt::format("- {}\n", markdown_text(report.notes[i], kSentence));
  }
  return text;
}

}  // namespace squall::reports
