#include "reports/formats/common/prometheus_text.hpp"

#include <fmt/core.h>

#include "reports/formats/common/escape.hpp"

namespace squall::reports {

std::string prometheus_head(std::string_view name, std::string_view type, std::string_view help) {
  return fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

std::string prometheus_counter(std::string_view name, std::string_view help, std::uint64_t value) {
  return prometheus_head(name, "counter", help) + fmt::format("{} {}\n", name, value);
}

std::string prometheus_run_info(const RunLabels& labels) {
  return prometheus_head("squall_run_info", "gauge", "The run that these figures are of.") +
         fmt::format(
             "squall_run_info{{plan=\"{}\",run_id=\"{}\",seed=\"{}\",verdict=\"{}\",version=\"{}\"}"
             "}"
             " 1\n",
             prometheus_label(labels.plan), prometheus_label(labels.run_id), labels.seed,
             prometheus_label(labels.verdict), prometheus_label(labels.version));
}

std::string prometheus_exit_code(model::ExitCode code) {
  return prometheus_head("squall_exit_code", "gauge", "Exit code of the run, 0 for pass.") +
         fmt::format("squall_exit_code {}\n", static_cast<int>(code));
}

std::string prometheus_counters(const model::Counters& totals) {
  return prometheus_counter("squall_arrivals_due_total", "Arrivals whose intended start came.",
                            totals.due) +
         prometheus_counter("squall_arrivals_started_total", "Arrivals taken up.", totals.started) +
         prometheus_counter("squall_arrivals_dropped_total", "Arrivals that were never started.",
                            totals.dropped) +
         prometheus_counter("squall_retries_total", "Attempts after the first.", totals.retries) +
         prometheus_counter("squall_retries_denied_total", "Retries that the budget denied.",
                            totals.retries_denied) +
         prometheus_counter("squall_sent_bytes_total", "Bytes sent.", totals.bytes_sent) +
         prometheus_counter("squall_received_bytes_total", "Bytes received.",
                            totals.bytes_received) +
         prometheus_counter("squall_connections_opened_total", "Connections opened.",
                            totals.connections_opened);
}

std::string prometheus_faults(const std::vector<FaultLabels>& faults) {
  if (faults.empty()) {
    return {};
  }
  std::string planned = prometheus_head("squall_faults_planned_total", "counter",
                                        "Attempts that a fault was decided for.");
  std::string fired =
      prometheus_head("squall_faults_fired_total", "counter", "Faults done on the wire.");
  for (const FaultLabels& fault : faults) {
    const std::string labels = fmt::format("fault=\"{}\",kind=\"{}\"", prometheus_label(fault.name),
                                           prometheus_label(fault.kind));
    planned += fmt::format("squall_faults_planned_total{{{}}} {}\n", labels, fault.counts.planned);
    fired += fmt::format("squall_faults_fired_total{{{}}} {}\n", labels, fault.counts.fired);
  }
  return planned + fired;
}

}  // namespace squall::reports
