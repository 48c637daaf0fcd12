#include "reports/live/metrics_view.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/model/response_cells.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/prometheus_text.hpp"
#include "reports/live/json_view.hpp"
#include "reports/live/response_buckets.hpp"

namespace squall::reports {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;
constexpr std::size_t kEventKinds = 50;  // told apart

std::string gauge(std::string_view name, std::string_view help, double value) {
  return prometheus_head(name, "gauge", help) + fmt::format("{} {:g}\n", name, value);
}

// "0.000064", "1.5": not in powers of ten.
std::string seconds_text(std::int64_t microseconds) {
  std::string text =
      fmt::format("{:.6f}", static_cast<double>(microseconds) / kMicrosecondsPerSecond);
  text.erase(text.find_last_not_of('0') + 1);
  return text.back() == '.' ? text + "0" : text;
}

std::string histogram_series(const model::ResponseCells& cells, const std::string& labels) {
  constexpr std::string_view kName = "squall_operation_response_seconds";
  std::string text;
  const ResponseBuckets buckets = buckets_of(cells);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < buckets.bounds_us.size(); ++i) {
    count += buckets.counts[i];
    text += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", kName, labels,
                        seconds_text(buckets.bounds_us[i]), count);
  }
  count += buckets.counts.back();
  text += fmt::format("{}_bucket{{{},le=\"+Inf\"}} {}\n", kName, labels, count);
  text += fmt::format("{}_sum{{{}}} {:.6f}\n", kName, labels, buckets.sum_seconds);
  return text + fmt::format("{}_count{{{}}} {}\n", kName, labels, count);
}

}  // namespace

MetricsView::MetricsView(std::string squall_version) : version_(std::move(squall_version)) {}

void MetricsView::begin(const model::Plan& plan) {
  State fresh;
  fresh.begun = true;
  fresh.plan = plan.name;
  fresh.run_id = plan.run_id;
  fresh.seed = plan.seed;
  fresh.elapsed = -plan.load.warmup;
  fresh.faults_on = FaultsOn(plan);
  for (const auto& step : plan.steps) {
    fresh.steps.push_back(step.full_name);
  }
  for (const model::PlannedFault& fault : plan.faults) {
    fresh.faults.push_back({fault.name, std::string(fault.kind->name), {}});
  }
  const std::lock_guard lock(mutex_);
  state_ = std::move(fresh);
}

void MetricsView::stage(model::Stage stage, std::string_view /*detail*/) {
  const std::lock_guard lock(mutex_);
  state_.stage = stage;
}

void MetricsView::tick(Duration elapsed, const model::SecondSummary& /*last_second*/,
                       const model::Counters& /*so_far*/) {
  const std::lock_guard lock(mutex_);
  state_.elapsed = elapsed;
}

void MetricsView::second(const model::SecondSummary& second) {
  const std::lock_guard lock(mutex_);
  state_.totals.add(second.counters);
  state_.acked += second.acked;
  state_.not_acked += second.not_acked;
  state_.effect_attempts += second.effect_attempts;
  for (std::size_t i = 0; i < second.classes.size(); ++i) {
    state_.classes[i] += second.classes[i];
  }
  for (std::size_t i = 0; i < std::min(second.faults.size(), state_.faults.size()); ++i) {
    state_.faults[i].counts.add(second.faults[i]);
  }
  for (const model::ResponseCells& cells : second.cells) {
    if (cells.step < kLabelledSteps) {
      model::merge_cells(state_.cells, cells);
    } else {
      model::ResponseCells other = cells;
      other.step = model::kOverflowStep;
      model::merge_cells(state_.cells, other);
    }
  }
  state_.in_flight = second.in_flight;
  state_.waiting = second.waiting;
  state_.connections = second.connections;
  state_.lag_p99_ns = second.lag_p99_ns;
}

void MetricsView::event(const model::RunEvent& event) {
  const std::lock_guard lock(mutex_);
  const bool known = state_.events.size() < kEventKinds || state_.events.count(event.kind) > 0;
  ++state_.events[known ? event.kind : "(other)"];
}

void MetricsView::end(const model::RunRecord& record) {
  const std::lock_guard lock(mutex_);
  state_.judged = {record.verdict, record.exit_code};
}

std::string MetricsView::run_text(const State& state, const std::string& version) {
  std::string text = prometheus_run_info(
      {.plan = state.plan,
       .run_id = state.run_id,
       .seed = state.seed,
       .verdict = state.judged ? model::to_string(state.judged->first) : "running",
       .version = version});
  text += prometheus_head("squall_stage", "gauge", "1 for what the run is doing.");
  for (int i = 0; i <= static_cast<int>(model::Stage::kTeardown); ++i) {
    const auto stage = static_cast<model::Stage>(i);
    text += fmt::format("squall_stage{{stage=\"{}\"}} {}\n", key_of(stage),
                        stage == state.stage && !state.judged ? 1 : 0);
  }
  text += gauge("squall_elapsed_seconds", "Time since the start of the measured phase (t = 0).",
                to_seconds(state.elapsed));
  if (state.judged) {
    text += prometheus_head("squall_verdict", "gauge", "1 for the verdict of the run.");
    for (const model::Verdict verdict : {model::Verdict::kPass, model::Verdict::kFail,
                                         model::Verdict::kInvalid, model::Verdict::kInconclusive}) {
      text += fmt::format("squall_verdict{{verdict=\"{}\"}} {}\n", model::to_string(verdict),
                          verdict == state.judged->first ? 1 : 0);
    }
    text += prometheus_exit_code(state.judged->second);
  }
  if (!state.events.empty()) {
    text += prometheus_head("squall_events_total", "counter", "Events of the run, by kind.");
    for (const auto& [kind, count] : state.events) {
      text += fmt::format("squall_events_total{{kind=\"{}\"}} {}\n", prometheus_label(kind), count);
    }
  }
  return text;
}

std::string MetricsView::operation_text(const State& state) {
  std::string text =
      prometheus_counters(state.totals) +
      prometheus_counter("squall_operations_acked_total", "Operations that were acked.",
                         state.acked) +
      prometheus_counter("squall_operations_not_acked_total",
                         "Operations that ended otherwise, dropped arrivals included.",
                         state.not_acked) +
      prometheus_counter("squall_effect_attempts_total", "Attempts and copies of effect steps.",
                         state.effect_attempts);
  text += prometheus_head("squall_attempts_ended_total", "counter",
                          "Attempts and copies that ended, by class.");
  for (std::size_t i = 0; i < state.classes.size(); ++i) {
    text += fmt::format("squall_attempts_ended_total{{class=\"{}\"}} {}\n",
                        model::to_string(static_cast<model::AttemptClass>(i)), state.classes[i]);
  }
  text += gauge("squall_in_flight_operations", "Operations under way.", state.in_flight);
  text += gauge("squall_waiting_arrivals", "Arrivals that wait for a connection.", state.waiting);
  text += gauge("squall_open_connections", "Connections to targets.", state.connections);
  if (state.lag_p99_ns >= 0) {
    text += gauge("squall_generator_lag_p99_seconds",
                  "How late squall itself took arrivals up in the last second, 99th percentile.",
                  static_cast<double>(state.lag_p99_ns) / 1e9);
  }
  return text;
}

std::string MetricsView::response_text(const State& state) {
  if (state.cells.empty()) {
    return {};
  }
  std::string text = prometheus_head(
      "squall_operation_response_seconds", "histogram",
      "Response of operations from the planned send time. What was given up is only in +Inf; the "
      "sum is within 6%, without what was given up.");
  for (const model::ResponseCells& cells : state.cells) {
    const std::string step =
        cells.step < state.steps.size() ? state.steps[cells.step] : std::string("(other)");
    text +=
        histogram_series(cells, fmt::format("step=\"{}\",exposure=\"{}\"", prometheus_label(step),
                                            model::to_string(cells.exposure)));
  }
  return text;
}

std::string MetricsView::fault_text(const State& state) {
  std::vector<FaultLabels> counted;
  for (const Fault& fault : state.faults) {
    counted.push_back({fault.name, fault.kind, fault.counts});
  }
  std::string text = prometheus_faults(counted);
  if (state.faults_on.entries().empty()) {
    return text;
  }
  text += prometheus_head("squall_fault_on", "gauge",
                          "Whether a fault or a lasting action is planned to be on now.");
  for (std::size_t i = 0; i < state.faults_on.entries().size(); ++i) {
    const FaultsOn::Entry& entry = state.faults_on.entries()[i];
    // The index keeps two of the same name apart: equal label sets would be malformed.
    text += fmt::format("squall_fault_on{{index=\"{}\",fault=\"{}\"}} {}\n", i,
                        prometheus_label(entry.name), entry.is_on(state.elapsed) ? 1 : 0);
  }
  return text;
}

std::string MetricsView::text() const {
  State state;
  {
    const std::lock_guard lock(mutex_);
    state = state_;
  }
  if (!state.begun) {
    return {};
  }
  return run_text(state, version_) + operation_text(state) + response_text(state) +
         fault_text(state);
}

}  // namespace squall::reports
