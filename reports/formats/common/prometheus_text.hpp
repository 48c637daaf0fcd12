// Prometheus' text exposition format 0.0.4, as far as the report and the live endpoint say the same
// things. Each function gives whole metrics: HELP, TYPE and all their series together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

[[nodiscard]] std::string prometheus_head(std::string_view name, std::string_view type,
                                          std::string_view help);
[[nodiscard]] std::string prometheus_counter(std::string_view name, std::string_view help,
                                             std::uint64_t value);

struct RunLabels {
  std::string_view plan;
  std::string_view run_id;
  std::uint64_t seed = 0;
  std::string_view verdict;  // or what stands in its place before there is one
  std::string_view version;
};
// squall_run_info
[[nodiscard]] std::string prometheus_run_info(const RunLabels& labels);
// squall_exit_code
[[nodiscard]] std::string prometheus_exit_code(model::ExitCode code);
// squall_arrivals_*_total, squall_retries_*, bytes and connections
[[nodiscard]] std::string prometheus_counters(const model::Counters& totals);

struct FaultLabels {
  std::string_view name;
  std::string_view kind;
  model::FaultCounts counts;
};
// squall_faults_planned_total, squall_faults_fired_total; nothing without faults
[[nodiscard]] std::string prometheus_faults(const std::vector<FaultLabels>& faults);

}  // namespace squall::reports
