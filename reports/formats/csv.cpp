// csv: one row per second of the run, warm-up included; of a verification, which has none, one row
// per property. Absent values are empty cells.

#include <fmt/core.h>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/report_format.hpp"
#include "reports/formats/common/escape.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;

std::string header_of(const RunRecord& record) {
  std::string line =
      "second,due,started,dropped,completed,acked,not_acked,attempts,attempts_failed,retries,"
      "effect_attempts,"
      "in_flight,waiting,connections,bytes_sent,bytes_received,response_p50_us,response_p90_us,"
      "response_p99_us,response_max_us,lag_p50_ns,lag_p99_ns";
  for (std::size_t i = 0; i < model::kAttemptClassCount; ++i) {
    line += fmt::format(",attempts_{}", model::to_string(static_cast<model::AttemptClass>(i)));
  }
  for (const model::RecordedFault& fault : record.faults) {
    line += "," + csv_cell(fmt::format("planned {}", fault.name));
    line += "," + csv_cell(fmt::format("fired {}", fault.name));
  }
  return line + "\r\n";
}

std::string known(std::int64_t value) {
  return value < 0 ? "" : std::to_string(value);
}

std::string row_of(const RunRecord& record, const model::SecondSummary& second) {
  const model::Counters& counters = second.counters;
  std::string line = fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", second.second,
      counters.due, counters.started, counters.dropped, counters.completed, second.acked,
      second.not_acked, counters.attempts, second.attempts_failed, counters.retries,
      second.effect_attempts, second.in_flight, second.waiting, second.connections,
      counters.bytes_sent, counters.bytes_received, known(second.response_p50_us),
      known(second.response_p90_us), known(second.response_p99_us), known(second.response_max_us),
      known(second.lag_p50_ns), known(second.lag_p99_ns));
  for (const std::uint64_t count : second.classes) {
    line += fmt::format(",{}", count);
  }
  for (std::size_t i = 0; i < record.faults.size(); ++i) {
    const model::FaultCounts counts =
        i < second.faults.size() ? second.faults[i] : model::FaultCounts{};
    line += fmt::format(",{},{}", counts.planned, counts.fired);
  }
  return line + "\r\n";
}

std::string properties_of(const model::IdempotencyReport& report) {
  std::string text =
      "number,name,title,provocation,trials,broken,verdict,harm,evidence,needs,reproducer,"
      "reproduced,reproducer_tries\r\n";
  for (const model::PropertyResult& property : report.properties) {
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n", property.number, csv_cell(property.name),
        csv_cell(property.title), csv_cell(property.provocation), property.trials, property.broken,
        model::to_string(property.verdict), model::to_string(property.harm),
        csv_cell(property.summary), csv_cell(property.needs), csv_cell(property.reproducer),
        property.reproduced, property.reproducer_tries);
  }
  return text;
}

std::string render(const RunRecord& record, const model::FormatOptions& /*options*/) {
  if (record.idempotency != nullptr && record.seconds.empty()) {
    return properties_of(*record.idempotency);
  }
  std::string text = header_of(record);
  for (const model::SecondSummary& second : record.seconds) {
    text += row_of(record, second);
  }
  return text;
}

}  // namespace

void register_format_csv(model::FormatRegistry& registry);
void register_format_csv(model::FormatRegistry& registry) {
  registry.add({.name = "csv",
                .summary =
                    "one row per second: counts, percentiles, lag, faults; per property of a "
                    "verification",
                .file_name = "",
                .render = render});
}

}  // namespace squall::reports
