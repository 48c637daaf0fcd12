#include "reports/live/panel.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::reports {
std::string span_text(std::int64_t microseconds) {
  if (microseconds >= stats::kSpanLayout.highest_trackable) {
    return "> 1h";  // what was given up counts as larger than any value
  }
  return microseconds < 0 ? "n/a" : format_duration(std::chrono::microseconds(microseconds));
}

double covered_share(const model::SecondSummary& second, unsigned threads) {
  constexpr double kWhole = 0.95;  // a loop may be stamped a little early or late
  const model::Counters& counters = second.counters;
  const double accounted =
      static_cast<double>(counters.loop_busy_ns + counters.loop_idle_ns + counters.loop_spin_ns) /
      1e9 / std::max(threads, 1U);
  return accounted <= 0 || accounted >= kWhole ? 1 : accounted;
}

std::string rate_text(const model::SecondSummary& second, double covered, Starts starts) {
  const auto rate = [&](std::uint64_t count) {
    return fmt::format("{:.0f}", static_cast<double>(count) / covered);
  };
  const std::string started =
      starts == Starts::kIterations
          ? fmt::format("{} iterations/s started", rate(second.counters.started))
          : fmt::format("started {}/s of {}/s due", rate(second.counters.started),
                        rate(second.counters.due));
  return fmt::format("{}, {} operations/s acked", started, rate(second.acked));
}

std::string response_text(const model::SecondSummary& second) {
  if (second.response_p50_us < 0) {
    return "no answers";
  }
  return fmt::format("p50 {}, p90 {}, p99 {}", span_text(second.response_p50_us),
                     span_text(second.response_p90_us), span_text(second.response_p99_us));
}

std::string errors_text(const std::array<std::uint64_t, model::kAttemptClassCount>& classes) {
  std::vector<std::pair<model::AttemptClass, std::uint64_t>> errors;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto how = static_cast<model::AttemptClass>(i);
    if (how != model::AttemptClass::kSuccess && classes[i] > 0) {
      errors.emplace_back(how, classes[i]);
    }
  }
  std::stable_sort(errors.begin(), errors.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [how, count] : errors) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", model::to_string(how), count);
  }
  return text.empty() ? "none" : text;
}

std::string faults_text(const std::vector<model::FaultCounts>& faults) {
  model::FaultCounts sum;
  for (const model::FaultCounts& counts : faults) {
    sum.planned += counts.planned;
    sum.fired += counts.fired;
  }
  return fmt::format("planned {}, fired {}", sum.planned, sum.fired);
}

std::string flight_text(const model::SecondSummary& second) {
  return fmt::format("in flight {}, waiting {}, {} connections", second.in_flight, second.waiting,
                     second.connections);
}

std::string bar(double share, unsigned width) {
  const double filled = std::round(std::clamp(share, 0.0, 1.0) * width);
  std::string text;
  for (unsigned i = 0; i < width; ++i) {
    text += static_cast<double>(i) < filled ? "█" : "░";
  }
  return text;
}

std::string clipped(const std::string& text, unsigned columns) {
  unsigned used = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (starts && used++ == columns) {
      return text.substr(0, at);
    }
  }
  return text;
}

}  // namespace squall::reports
