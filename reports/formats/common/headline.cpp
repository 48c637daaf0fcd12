#include "reports/formats/common/headline.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

using model::OperationOutcome;
using model::RunRecord;

bool is_closed(const RunRecord& record) {
  return !record.scenarios.empty() &&
         std::all_of(record.scenarios.begin(), record.scenarios.end(), [](const auto& scenario) {
           return scenario.load_model == model::LoadModel::kClosed;
         });
}

std::string count_per_second(std::uint64_t count, double seconds) {
  return format_rate(Rate{seconds > 0 ? static_cast<double>(count) / seconds : 0});
}

}  // namespace

std::string taken_up_line(const RunRecord& record) {
  const model::Counters& totals = record.totals;
  std::string text =
      is_closed(record) ? fmt::format("{} iterations started", totals.started)
                        : fmt::format("{} of {} due arrivals taken up", totals.started, totals.due);
  if (totals.dropped > 0) {
    text += fmt::format("; {} operations dropped before they were sent", totals.dropped);
  }
  return text;
}

std::string throughput_line(const RunRecord& record) {
  // Whole seconds of the measured phase. A run that is shorter has one, with the drain in it.
  const double measured = to_seconds(record.measured_duration);
  const double whole = std::floor(measured);
  const double until = std::max(whole, 1.0);
  const double span = whole >= 1 ? whole : std::min(1.0, measured + to_seconds(record.drain_used));
  model::Counters counters;
  std::uint64_t due = 0;
  std::uint64_t acked = 0;
  std::uint64_t not_acked = 0;
  for (const model::SecondSummary& second : record.seconds) {
    due += second.second >= 0 ? second.counters.due : 0;
    if (second.second >= 0 && static_cast<double>(second.second) < until) {
      counters.add(second.counters);
      acked += second.acked;
      not_acked += second.not_acked;
    }
  }
  if (counters.started + acked + not_acked == 0) {
    return {};
  }
  std::string text =
      is_closed(record)
          ? fmt::format("iterations: {} started", count_per_second(counters.started, span))
          : fmt::format("arrivals: {} due, {} taken up", count_per_second(due, measured),
                        count_per_second(counters.started, whole >= 1 ? span : measured));
  text += fmt::format("; operations: {} acked", count_per_second(acked, span));
  text += not_acked > 0 ? fmt::format(", {} not", count_per_second(not_acked, span)) : "";
  if (record.drain_used >= std::chrono::milliseconds(500)) {
    text += fmt::format("; then drained for {}", format_duration(record.drain_used));
  }
  return text;
}

bool nothing_required(const RunRecord& record) {
  return record.verdict == model::Verdict::kPass && record.checks.empty() &&
         record.capacity.stages.empty() &&
         std::none_of(record.findings.begin(), record.findings.end(),
                      [](const model::Finding& finding) { return finding.required; });
}

std::string headline_word(const RunRecord& record) {
  return nothing_required(record) ? "DONE" : verdict_word(record.verdict);
}

std::string headline_text(const RunRecord& record) {
  if (!nothing_required(record)) {
    const bool is_doubtful = record.verdict == model::Verdict::kInconclusive &&
                             record.exit_code == model::ExitCode::kPass;
    return is_doubtful ? "nothing failed, but not everything could be judged"
                       : std::string(model::meaning(record.exit_code));
  }
  const model::OperationCounts counts = model::count_operations(record, {});
  const std::uint64_t acked = counts.outcomes[static_cast<std::size_t>(OperationOutcome::kAcked)];
  return fmt::format("nothing was required of this run; errors {}",
                     share_text(counts.total() - acked, counts.total()));
}

}  // namespace squall::reports
