// prom: the totals of the run in Prometheus' text exposition format 0.0.4, for a push gateway or a
// textfile collector. Durations are seconds. Series of one metric stand together, as the format
// demands.

#include <cmath>

#include <fmt/core.h>

#include "loadgen/model/report_format.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/prometheus_text.hpp"
#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;

constexpr double kMicrosecondsPerSecond = 1e6;

std::string run_metrics(const RunRecord& record) {
  std::string text = prometheus_run_info({.plan = record.plan_name,
                                          .run_id = record.run_id,
                                          .seed = record.seed,
                                          .verdict = model::to_string(record.verdict),
                                          .version = record.squall_version});
  if (!record.scenarios.empty()) {
    text += prometheus_head("squall_scenario_info", "gauge", "Model of load of each scenario.");
  }
  for (const model::RecordedScenario& scenario : record.scenarios) {
    text += fmt::format("squall_scenario_info{{scenario=\"{}\",model=\"{}\",load=\"{}\"}} 1\n",
                        prometheus_label(scenario.name), model::to_string(scenario.load_model),
                        prometheus_label(scenario.load));
  }
  text += prometheus_exit_code(record.exit_code);
  text += prometheus_head("squall_run_start_time_seconds", "gauge",
                          "Start of the measured phase, Unix time.");
  text += fmt::format("squall_run_start_time_seconds {:.3f}\n",
                      to_seconds(record.started.time_since_epoch()));
  text += prometheus_head("squall_run_duration_seconds", "gauge", "Length of the measured phase.");
  text += fmt::format("squall_run_duration_seconds {:.3f}\n", to_seconds(record.measured_duration));
  return text;
}

std::string operation_metrics(const std::vector<StepRow>& rows) {
  std::string text =
      prometheus_head("squall_operations_total", "counter",
                      "Operations of the measured phase; dropped arrivals are not_sent.");
  for (const StepRow& row : rows) {
    for (std::size_t i = 0; i < row.counts.outcomes.size(); ++i) {
      text += fmt::format(
          "squall_operations_total{{step=\"{}\",exposure=\"{}\",outcome=\"{}\"}} {}\n",
          prometheus_label(row.step), model::to_string(row.exposure),
          model::to_string(static_cast<model::OperationOutcome>(i)), row.counts.outcomes[i]);
    }
  }
  return text;
}

std::string response_metrics(const std::vector<StepRow>& rows) {
  std::string text =
      prometheus_head("squall_response_seconds", "summary",
                      "Response of operations from the planned send time, measured phase.");
  for (const StepRow& row : rows) {
    const std::string labels = fmt::format(
        "step=\"{}\",exposure=\"{}\"", prometheus_label(row.step), model::to_string(row.exposure));
    for (const double percentile : {50.0, 90.0, 99.0, 99.9}) {
      const auto interval = stats::percentile_with_interval(row.response, percentile);
      const std::string value = !interval
                                    ? "NaN"
                                    : fmt::format("{:.6f}", static_cast<double>(interval->value) /
                                                                kMicrosecondsPerSecond);
      text += fmt::format("squall_response_seconds{{{},quantile=\"{:g}\"}} {}\n", labels,
                          percentile / 100, value);
    }
    const double sum =
        row.response.mean() * static_cast<double>(row.response.count()) / kMicrosecondsPerSecond;
    text += fmt::format("squall_response_seconds_sum{{{}}} {:.6f}\n", labels, sum);
    text += fmt::format("squall_response_seconds_count{{{}}} {}\n", labels, row.response.count());
  }
  return text;
}

std::string attempt_metrics(const RunRecord& record) {
  std::string text = prometheus_head("squall_attempts_total", "counter",
                                     "Attempts and copies of the measured phase, by class.");
  for (const model::RecordedStep& step : record.steps) {
    const auto counts = model::count_attempts(record, {.step = step.name, .exposure = {}});
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] > 0) {
        text += fmt::format("squall_attempts_total{{step=\"{}\",class=\"{}\"}} {}\n",
                            prometheus_label(step.name),
                            model::to_string(static_cast<model::AttemptClass>(i)), counts[i]);
      }
    }
  }
  return text;
}

std::string fault_metrics(const RunRecord& record) {
  std::vector<FaultLabels> faults;
  for (const model::RecordedFault& fault : record.faults) {
    faults.push_back({fault.name, fault.kind, fault.counts});
  }
  return prometheus_faults(faults);
}

std::string effect_metrics(const RunRecord& record) {
  if (!record.effects.counted) {
    return {};
  }
  std::string text = prometheus_head("squall_effect_operations_total", "counter",
                                     "Operations of effect steps by the verdict on their effects.");
  for (const model::EffectCounts& counts : record.effects.steps) {
    for (std::size_t i = 0; i < counts.verdicts.size(); ++i) {
      text +=
          fmt::format("squall_effect_operations_total{{step=\"{}\",verdict=\"{}\"}} {}\n",
                      prometheus_label(counts.step),
                      model::to_string(static_cast<model::EffectVerdict>(i)), counts.verdicts[i]);
    }
  }
  return text;
}

std::string check_metrics(const RunRecord& record) {
  if (record.checks.empty()) {
    return {};
  }
  std::string text =
      prometheus_head("squall_check_verdict", "gauge", "1 for the verdict that a check came to.");
  for (std::size_t i = 0; i < record.checks.size(); ++i) {
    // The index keeps two equal checks apart: equal label sets would be malformed.
    text += fmt::format("squall_check_verdict{{index=\"{}\",check=\"{}\",verdict=\"{}\"}} 1\n", i,
                        prometheus_label(record.checks[i].source),
                        model::to_string(record.checks[i].verdict));
  }
  return text;
}

std::string render(const RunRecord& record, const model::FormatOptions& /*options*/) {
  const std::vector<StepRow> rows = step_rows(record);
  return run_metrics(record) + prometheus_counters(record.totals) + operation_metrics(rows) +
         response_metrics(rows) + attempt_metrics(record) + fault_metrics(record) +
         effect_metrics(record) + check_metrics(record);
}

}  // namespace

void register_format_prom(model::FormatRegistry& registry);
void register_format_prom(model::FormatRegistry& registry) {
  registry.add({.name = "prometheus",
                .summary = "totals in Prometheus' text format",
                .file_name = "",
                .render = render});
}

}  // namespace squall::reports
