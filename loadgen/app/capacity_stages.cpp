#include "loadgen/app/capacity_stages.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/model/load_model.hpp"
#include "loadgen/model/selection.hpp"

namespace squall::app {
namespace {

using model::StageVerdict;

// Arrivals that the generator must have started of those it was to offer, for a stage to say
// anything about the target.
constexpr double kOffered = 0.99;

StageVerdict verdict_of(const model::RunRecord& record) {
  switch (record.verdict) {
    case model::Verdict::kPass:
      return StageVerdict::kPass;
    case model::Verdict::kFail:
      return StageVerdict::kFail;
    case model::Verdict::kInvalid:
      return StageVerdict::kInvalid;
    case model::Verdict::kInconclusive:
      return StageVerdict::kInconclusive;
  }
  return StageVerdict::kInvalid;
}

model::Counters measured_counters(const model::RunRecord& record) {
  model::Counters total;
  const std::int64_t end =
      std::chrono::ceil<std::chrono::seconds>(record.measured_duration).count();
  for (const model::SecondSummary& second : record.seconds) {
    if (second.second >= 0 && second.second < end) {
      total.add(second.counters);
    }
  }
  return total;
}

Duration percentile_of(const stats::Histogram& microseconds, double percentile) {
  return std::chrono::microseconds(microseconds.count() + microseconds.overflow() == 0
                                       ? 0
                                       : microseconds.value_at_percentile(percentile));
}

// "6442/s", "0.333333/s": as plans write rates, without zeros that say nothing.
std::string rate_value(double per_second) {
  std::string text = fmt::format("{:.6f}", per_second);
  text.erase(text.find_last_not_of('0') + 1);
  return (text.ends_with('.') ? text.substr(0, text.size() - 1) : text) + "/s";
}

model::LoadSpan span_of(const model::Plan& plan) {
  return {plan.load.warmup, plan.load.duration};
}

}  // namespace

Rate planned_rate(const model::Plan& plan) {
  double total = 0;
  for (const model::ArrivalStream& stream : model::arrival_streams(plan)) {
    total += stream.process->peak_rate(span_of(plan)).per_second;
  }
  return Rate{total};
}

Result<Changes> at_rate(const model::Plan& plan, Rate rate) {
  if (const auto reason = model::why_no_capacity(plan)) {
    return fail(ErrorCode::kInvalidArgument, *reason);
  }
  Changes changes;
  const double total = planned_rate(plan).per_second;
  for (const model::ArrivalStream& stream : model::arrival_streams(plan)) {
    const model::Scenario& scenario = plan.scenarios[stream.scenario];
    const std::string& text = stream.shared ? plan.load.arrivals_text : scenario.arrivals_text;
    const std::string table =
        stream.shared ? "load.arrivals" : fmt::format("scenario.{}.arrivals", scenario.name);
    if (!text.starts_with("constant") && !text.starts_with("poisson")) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{} is \"{}\", which is not one rate that could be varied; a capacity "
                      "is found with process = \"constant\" or \"poisson\"",
                      table, text));
    }
    changes.emplace_back(
        table + ".rate",
        rate_value(rate.per_second * stream.process->peak_rate(span_of(plan)).per_second / total));
  }
  return changes;
}

model::CapacityStage stage_of(const model::RunRecord& record, const run::NextStage& asked) {
  model::CapacityStage stage;
  stage.rate = asked.rate;
  stage.confirmation = asked.confirmation;
  const double seconds = std::max(to_seconds(record.measured_duration), 1e-9);
  const model::OperationCounts counts = model::count_operations(record, {});
  const auto acked = static_cast<double>(
      counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)]);
  const auto total = static_cast<double>(counts.total());
  const model::Counters measured = measured_counters(record);
  stage.started_per_s = static_cast<double>(measured.started) / seconds;
  stage.completed_per_s = acked / seconds;
  stage.error_rate = total > 0 ? 1 - acked / total : 0;
  const stats::Histogram response = model::response_of_operations(record, {});
  stage.p50 = percentile_of(response, 50);
  stage.p99 = percentile_of(response, 99);
  stage.verdict = verdict_of(record);
  if (stage.verdict != StageVerdict::kPass && !record.reasons.empty()) {
    stage.reason = record.reasons.front();
  }
  const auto due = static_cast<double>(measured.due);
  const bool holds_so_far =
      stage.verdict == StageVerdict::kPass || stage.verdict == StageVerdict::kInconclusive;
  if (holds_so_far && static_cast<double>(measured.started) < kOffered * due) {
    stage.verdict = StageVerdict::kInvalid;
    stage.reason =
        fmt::format("squall started {} of {} due arrivals", measured.started, measured.due);
  }
  return stage;
}

}  // namespace squall::app
