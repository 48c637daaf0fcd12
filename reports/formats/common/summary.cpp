#include "reports/formats/common/summary.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/load_model.hpp"
#include "loadgen/model/progress.hpp"
#include "reports/formats/common/headline.hpp"

namespace squall::reports {
namespace {

using model::AttemptClass;
using model::OperationOutcome;
using model::RunRecord;

StepRow row_of(const RunRecord& record, const std::string& step, model::Exposure exposure) {
  const model::CellFilter filter{.step = step, .exposure = exposure};
  StepRow row{.step = step,
              .exposure = exposure,
              .counts = model::count_operations(record, filter),
              .response = model::response_of_operations(record, filter)};
  const std::uint64_t all = row.counts.total();
  row.errors = all - row.counts.outcomes[static_cast<std::size_t>(OperationOutcome::kAcked)];
  const double seconds = to_seconds(record.measured_duration);
  const std::uint64_t done = all - std::min(row.counts.dropped, all);
  row.per_second = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  row.offered = seconds > 0 ? static_cast<double>(all) / seconds : 0;
  return row;
}

bool beyond_range(const stats::Histogram& histogram, double percentile) {
  const double all = static_cast<double>(histogram.count() + histogram.overflow());
  return std::ceil(percentile / 100 * all) > static_cast<double>(histogram.count());
}

std::string nanoseconds_text(std::int64_t nanoseconds) {
  return format_duration(Duration(nanoseconds));
}

std::string lag_line(const RunRecord& record) {
  const stats::Histogram lag =
      model::span_of_attempts(record, model::CellFilter{}, model::AttemptSpan::kLag);
  if (lag.empty()) {
    return "lag: nothing was started";
  }
  const auto at = [&](double percentile) {
    const auto interval = stats::percentile_with_interval(lag, percentile);
    return interval ? nanoseconds_text(interval->value) : std::string("n/a");
  };
  return fmt::format("lag p50 {}, p99 {}, max {}", at(50), at(99), nanoseconds_text(lag.max()));
}

// Where the time of an attempt went that is not lag.
std::string spans_line(const RunRecord& record) {
  const stats::Histogram queue =
      model::span_of_attempts(record, model::CellFilter{}, model::AttemptSpan::kQueue);
  const stats::Histogram service =
      model::span_of_attempts(record, model::CellFilter{}, model::AttemptSpan::kService);
  return fmt::format("queue (for a connection) p50 {}, p99 {}; service p50 {}, p99 {}",
                     percentile_text(queue, 50), percentile_text(queue, 99),
                     percentile_text(service, 50), percentile_text(service, 99));
}

stats::Histogram measured_span(const RunRecord& record, std::uint16_t step,
                               model::TransferPhase part) {
  stats::Histogram merged(stats::kSpanLayout);
  for (const auto& [key, histogram] : record.phases) {
    if (key.step == step && key.part == part && model::is_measured(key.phase)) {
      merged.merge(histogram);
    }
  }
  return merged;
}

// Where the time between connecting and the last byte went, for steps whose engine tells; the first
// few.
std::vector<std::string> phase_lines(const RunRecord& record) {
  constexpr std::size_t kMost = 20;
  std::vector<std::string> lines;
  for (std::size_t step = 0; step < record.steps.size() && lines.size() < kMost; ++step) {
    std::string text;
    for (std::size_t i = 0; i < model::kTransferPhaseCount; ++i) {
      const auto part = static_cast<model::TransferPhase>(i);
      const stats::Histogram span = measured_span(record, static_cast<std::uint16_t>(step), part);
      const std::string p50 = percentile_text(span, 50);
      if (p50 != "n/a") {
        text += fmt::format("{}{} p50 {}, p99 {}", text.empty() ? "" : "; ", to_string(part), p50,
                            percentile_text(span, 99));
      }
    }
    if (!text.empty()) {
      lines.push_back(fmt::format("phases of {}: {}", printable(record.steps[step].name), text));
    }
  }
  return lines;
}

std::string loop_line(const model::Counters& totals) {
  const std::uint64_t all = totals.loop_busy_ns + totals.loop_idle_ns + totals.loop_spin_ns;
  return fmt::format("loop busy {}, spinning {}, idle {}", share_text(totals.loop_busy_ns, all),
                     share_text(totals.loop_spin_ns, all), share_text(totals.loop_idle_ns, all));
}

bool every_iteration_done(const RunRecord& record) {
  return std::any_of(record.events.begin(), record.events.end(), [](const model::RunEvent& event) {
    return event.kind == "phase" && event.text == model::kEveryIterationDone;
  });
}

std::string tls_line(const model::RecordedTls& tls) {
  std::string text = fmt::format("TLS with {}: ", printable(tls.target));
  if (tls.use.handshakes == 0) {
    return text + "no handshake was counted";
  }
  text += fmt::format("{} handshakes, {} resumed", tls.use.handshakes,
                      share_text(tls.use.resumed, tls.use.handshakes));
  for (const model::TlsSuite& suite : tls.use.suites) {
    text += fmt::format("{} {} {} ({})", &suite == &tls.use.suites.front() ? ";" : ",",
                        printable(suite.version), printable(suite.cipher), suite.handshakes);
  }
  return text + (tls.insecure ? "; NOT verified (tls.insecure)" : "");
}

}  // namespace

std::vector<StepRow> step_rows(const RunRecord& record) {
  std::vector<StepRow> rows;
  for (const model::RecordedStep& step : record.steps) {
    for (const model::Exposure exposure : {model::Exposure::kClean, model::Exposure::kFaulted}) {
      StepRow row = row_of(record, step.name, exposure);
      if (row.counts.total() > 0) {
        rows.push_back(std::move(row));
      }
    }
  }
  return rows;
}

std::optional<StepRow> acked_row(const RunRecord& record, const StepRow& row) {
  const std::uint64_t acked =
      row.counts.outcomes[static_cast<std::size_t>(OperationOutcome::kAcked)];
  if (row.errors == 0 || acked == 0) {
    return std::nullopt;
  }
  StepRow alone{.step = row.step,
                .exposure = row.exposure,
                .counts = {},
                .response = stats::Histogram(stats::kSpanLayout)};
  alone.counts.outcomes[static_cast<std::size_t>(OperationOutcome::kAcked)] = acked;
  for (const auto& [key, histogram] : record.operations) {
    if (key.outcome == OperationOutcome::kAcked && key.exposure == row.exposure &&
        model::is_measured(key.phase) && key.step < record.steps.size() &&
        record.steps[key.step].name == row.step) {
      model::merge_cell(alone.response, histogram, key.censored);
    }
  }
  return alone;
}

std::uint64_t uncelled_operations(const RunRecord& record) {
  std::uint64_t count = 0;
  for (const auto& [key, histogram] : record.operations) {
    count += key.step == model::kOverflowStep ? histogram.count() + histogram.overflow() : 0;
  }
  return count;
}

std::string percentile_text(const stats::Histogram& microseconds, double percentile) {
  const auto interval = stats::percentile_with_interval(microseconds, percentile);
  if (!interval) {
    return "n/a";
  }
  return beyond_range(microseconds, percentile) ? "> 1h" : microseconds_text(interval->value);
}

std::string interval_text(const stats::Histogram& microseconds, double percentile) {
  const auto interval = stats::percentile_with_interval(microseconds, percentile);
  if (!interval || beyond_range(microseconds, percentile)) {
    return "n/a";
  }
  return fmt::format("{} to {}", microseconds_text(interval->low),
                     microseconds_text(interval->high));
}

std::string max_text(const stats::Histogram& microseconds) {
  if (microseconds.empty()) {
    return "n/a";
  }
  return microseconds.overflow() > 0 ? "never" : microseconds_text(microseconds.max());
}

std::string microseconds_text(std::int64_t microseconds) {
  return format_duration(std::chrono::microseconds(microseconds));
}

std::vector<std::pair<AttemptClass, std::uint64_t>> errors_by_class(const RunRecord& record) {
  const auto counts = model::count_attempts(record, {.step = {}, .exposure = {}, .phase = {}});
  std::vector<std::pair<AttemptClass, std::uint64_t>> errors;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto how = static_cast<AttemptClass>(i);
    if (how != AttemptClass::kSuccess && counts[i] > 0) {
      errors.emplace_back(how, counts[i]);
    }
  }
  std::stable_sort(errors.begin(), errors.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return errors;
}

std::string statuses_text(const model::RunRecord& record) {
  std::map<int, std::uint64_t> statuses;
  for (const model::RecordedEnding& ending : record.endings) {
    statuses[ending.status] += ending.attempts;
  }
  std::string text;
  for (const auto& [status, attempts] : statuses) {
    if (status != 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", status, attempts);
    }
  }
  if (const auto none = statuses.find(0); none != statuses.end()) {
    text += fmt::format("{}{} without an answer", text.empty() ? "" : "; ", none->second);
  }
  return text;
}

std::vector<model::RecordedEnding> failed_endings(const model::RunRecord& record) {
  std::vector<model::RecordedEnding> failed;
  std::copy_if(
      record.endings.begin(), record.endings.end(), std::back_inserter(failed),
      [](const model::RecordedEnding& ending) { return ending.how != AttemptClass::kSuccess; });
  std::stable_sort(failed.begin(), failed.end(),
                   [](const auto& a, const auto& b) { return a.attempts > b.attempts; });
  return failed;
}

std::vector<model::UnmetDemand> most_unmet(const model::RunRecord& record) {
  std::vector<model::UnmetDemand> all = record.unmet;
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.attempts > b.attempts; });
  std::map<std::string_view, std::size_t> of_step;
  std::vector<model::UnmetDemand> shown;
  for (const model::UnmetDemand& unmet : all) {
    if (++of_step[unmet.step] <= kMostUnmet) {
      shown.push_back(unmet);
    }
  }
  return shown;
}

std::vector<std::string> self_watch_lines(const RunRecord& record) {
  const model::Counters& totals = record.totals;
  std::vector<std::string> lines = {
      lag_line(record), spans_line(record), taken_up_line(record),
      fmt::format("{}; CPU {:.2f}s user, {:.2f}s system", loop_line(totals), record.cpu_user_s,
                  record.cpu_system_s),
      fmt::format("connections: {} opened, {} found closed before use; {} sent, {} received",
                  totals.connections_opened, totals.closed_before_send,
                  format_bytes(ByteCount{totals.bytes_sent}),
                  format_bytes(ByteCount{totals.bytes_received}))};
  if (totals.resends + totals.resends_prevented + totals.follow_ups > 0) {
    lines.push_back(fmt::format(
        "libcurl: {} requests repeated after their connection broke, {} kept from being repeated; "
        "{} called for by an answer (challenge, redirect)",
        totals.resends, totals.resends_prevented, totals.follow_ups));
  }
  if (totals.decoded_bytes > 0) {
    lines.push_back(fmt::format("answers' bodies on the curl engine: {} when decoded",
                                format_bytes(ByteCount{totals.decoded_bytes})));
  }
  for (std::string& line : phase_lines(record)) {
    lines.push_back(std::move(line));
  }
  if (totals.unsolicited_bytes > 0) {
    lines.push_back(fmt::format("{} came unasked on idle connections",
                                format_bytes(ByteCount{totals.unsolicited_bytes})));
  }
  for (const model::RecordedTls& tls : record.tls) {
    lines.push_back(tls_line(tls));
  }
  return lines;
}

// "8 shards, " of a run that was joined, "shard 2/8, " of one of them.
std::string shards_text(const RunRecord& record) {
  if (!record.shards.empty()) {
    return fmt::format("{} shards, ", record.shards.size());
  }
  return record.shard.is_whole()
             ? ""
             : fmt::format("shard {}/{}, ", record.shard.index + 1, record.shard.count);
}

std::string load_line(const RunRecord& record) {
  std::string text = fmt::format("{} measured", format_duration(record.measured_duration));
  if (every_iteration_done(record)) {
    text += ", until every iteration was done";
  } else if (record.measured_duration != record.planned_duration) {
    text += fmt::format(" of {} planned", format_duration(record.planned_duration));
  }
  if (record.warmup > Duration{}) {
    text += fmt::format(" after {} of warm-up", format_duration(record.warmup));
  }
  text += fmt::format("; {}{} {}, {} connections; {}; pace {}", shards_text(record), record.threads,
                      record.threads == 1 ? "thread" : "threads", record.connections,
                      printable(record.engine), printable(record.pace));
  return text;
}

std::vector<std::string> model_lines(const RunRecord& record) {
  constexpr std::size_t kMost = 20;
  std::vector<std::string> lines;
  for (const model::RecordedScenario& scenario : record.scenarios) {
    if (lines.size() == kMost) {
      lines.push_back(fmt::format("… and {} more scenarios", record.scenarios.size() - kMost));
      break;
    }
    lines.push_back(fmt::format("{}: {} model: {}", printable(scenario.name),
                                model::to_string(scenario.load_model), printable(scenario.load)));
  }
  if (const auto why = model::why_no_capacity(record)) {
    lines.push_back(printable(*why, 500));
  }
  return lines;
}

std::uint64_t count_of(const model::EffectCounts& counts, model::EffectVerdict verdict) {
  return counts.verdicts[static_cast<std::size_t>(verdict)];
}

std::uint64_t count_of(const model::EffectCounts& counts, OperationOutcome outcome) {
  return counts.outcomes[static_cast<std::size_t>(outcome)];
}

std::string effects_text(const model::EffectCase& wrong) {
  return wrong.verdict == model::EffectVerdict::kUndecided
             ? "effects not known"
             : fmt::format("{} effect{}", wrong.effects, wrong.effects == 1 ? "" : "s");
}

std::vector<std::string> evidence_without_details(const RunRecord& record,
                                                  const model::Finding& finding) {
  const std::vector<std::string>& evidence = finding.evidence;
  if (!finding.about_effects || record.effects.cases.empty()) {
    return evidence;
  }
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    const bool has_details = i + 1 < evidence.size() && evidence[i + 1].starts_with(' ');
    if (!has_details && !evidence[i].starts_with(' ')) {
      lines.push_back(evidence[i]);
    }
  }
  return lines;
}

std::string with_directory(const std::string& command, const std::string& directory) {
  constexpr std::string_view kPlaceholder = " DIR";
  const std::size_t at = command.find(kPlaceholder);
  const std::size_t after = at + kPlaceholder.size();
  const bool is_word = at != std::string::npos &&
                       (after == command.size() || command[after] == ' ' || command[after] == '/');
  if (directory.empty() || !is_word) {
    return command;
  }
  return command.substr(0, at) + " " + shell_quote(directory) + command.substr(after);
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) {
    return "n/a";
  }
  return format_share(Share{static_cast<double>(part) / static_cast<double>(whole)});
}

std::string verdict_word(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::kPass:
      return "PASS";
    case model::Verdict::kFail:
      return "FAIL";
    case model::Verdict::kInvalid:
      return "INVALID";
    case model::Verdict::kInconclusive:
      return "INCONCLUSIVE";
  }
  return {};
}

}  // namespace squall::reports
