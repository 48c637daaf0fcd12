#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/common/terminal_sections.hpp"
#include "reports/formats/common/text_table.hpp"

namespace squall::reports {
namespace {

using Align = TextTable::Align;

constexpr std::size_t kRoomForIntervals = 110;  // columns from which p99 is shown with its interval
constexpr std::size_t kSentence = 400;

std::string heading(const TerminalContext& context, std::string_view text) {
  return "\n" + context.style.paint(Tone::kStrong, text) + "\n";
}

std::vector<TextTable::Cell> step_cells(const StepRow& row, const std::string& name,
                                        bool with_interval) {
  std::vector<TextTable::Cell> cells = {
      {printable(name)},
      {std::string(model::to_string(row.exposure))},
      {std::to_string(row.counts.total())},
      {row.offered > 0 ? format_rate(Rate{row.offered}) : ""},
      {share_text(row.errors, row.counts.total()), row.errors > 0 ? Tone::kWarn : Tone::kPlain},
      {percentile_text(row.response, 50)},
      {percentile_text(row.response, 90)},
      {percentile_text(row.response, 99)}};
  if (with_interval) {
    cells.push_back({interval_text(row.response, 99)});
  }
  cells.push_back({percentile_text(row.response, 99.9)});
  cells.push_back({max_text(row.response), row.counts.dropped > 0 ? Tone::kWarn : Tone::kPlain});
  return cells;
}

}  // namespace

std::string steps_section(const TerminalContext& context) {
  const std::vector<StepRow> rows = step_rows(context.record);
  if (is_without_load(context.record)) {
    return {};
  }
  if (rows.empty()) {
    return heading(context, "Response") + "  no operation was measured\n";
  }
  const bool with_interval = context.options.width >= kRoomForIntervals;
  std::vector<TextTable::Column> columns = {{"step", Align::kLeft},
                                            {"exposure", Align::kLeft},
                                            {"operations"},
                                            {"offered"},
                                            {"errors"},
                                            {"p50"},
                                            {"p90"},
                                            {"p99"}};
  if (with_interval) {
    columns.push_back({"p99 at 95%"});
  }
  columns.push_back({"p99.9"});
  columns.push_back({"max"});
  TextTable table(std::move(columns));
  std::uint64_t dropped = 0;
  std::uint64_t unanswered = 0;
  for (const StepRow& row : rows) {
    table.add(step_cells(row, row.step, with_interval));
    if (const auto acked = acked_row(context.record, row)) {
      table.add(step_cells(*acked, "  acked alone", with_interval));
    }
    dropped += row.counts.dropped;
    unanswered += row.counts.unanswered;
  }
  std::string text = heading(context, "Response, from the planned send time") +
                     table.render(context.options.width, context.style);
  if (dropped > 0) {
    text += wrapped(
        "  ",
        fmt::format("{} operations were never sent; they count as slower than any other", dropped),
        context.options.width);
  }
  if (unanswered > 0) {
    text += wrapped("  ",
                    fmt::format("{} operations had no answer when the drain ended; they count as "
                                "slower than any other",
                                unanswered),
                    context.options.width);
  }
  if (const std::uint64_t more = uncelled_operations(context.record); more > 0) {
    text += wrapped("  ", fmt::format("{} operations of further kinds are not listed", more),
                    context.options.width);
  }
  return text;
}

std::string answers_section(const TerminalContext& context) {
  const std::string text = statuses_text(context.record);
  return text.empty() ? text
                      : heading(context, "Answers by status, warm-up included") +
                            wrapped("  ", text, context.options.width);
}

namespace {

// What failed attempts looked like: the kinds with their first example.
std::string failures_table(const TerminalContext& context) {
  constexpr std::size_t kShown = 8;
  const std::vector<model::RecordedEnding> failed = failed_endings(context.record);
  if (failed.empty()) {
    return {};
  }
  TextTable table({{"step", Align::kLeft},
                   {"class", Align::kLeft},
                   {"status"},
                   {"attempts"},
                   {"first"},
                   {"what was seen", Align::kLeft}});
  for (std::size_t i = 0; i < std::min(failed.size(), kShown); ++i) {
    const model::RecordedEnding& ending = failed[i];
    const bool shown = !ending.examples.empty();
    table.add({{printable(ending.step)},
               {std::string(model::to_string(ending.how))},
               {ending.status == 0 ? "-" : std::to_string(ending.status)},
               {std::to_string(ending.attempts), Tone::kWarn},
               {shown ? fmt::format("{:.3f}s", to_seconds(ending.examples.front().at)) : "-"},
               {shown ? printable(ending.examples.front().detail) : ""}});
  }
  std::string text = table.render(context.options.width, context.style);
  if (failed.size() > kShown) {
    text += wrapped("  ", fmt::format("{} rarer kinds are in record.json", failed.size() - kShown),
                    context.options.width);
  }
  return text;
}

}  // namespace

std::string errors_section(const TerminalContext& context) {
  const auto errors = errors_by_class(context.record);
  if (errors.empty()) {
    return {};
  }
  std::string line;
  for (const auto& [how, count] : errors) {
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", model::to_string(how), count);
  }
  const model::Counters& totals = context.record.totals;
  line += fmt::format("; of {} attempts, {} of them retries", totals.attempts, totals.retries);
  if (totals.retries_denied > 0) {
    line += fmt::format(" ({} more denied by the budget)", totals.retries_denied);
  }
  return heading(context, "Errors of attempts") + wrapped("  ", line, context.options.width) +
         failures_table(context);
}

std::string unmet_section(const TerminalContext& context) {
  const std::vector<model::UnmetDemand> all = most_unmet(context.record);
  if (all.empty()) {
    return {};
  }
  TextTable table({{"step", Align::kLeft}, {"attempts"}, {"demand", Align::kLeft}});
  for (const model::UnmetDemand& unmet : all) {
    table.add({{printable(unmet.step)},
               {std::to_string(unmet.attempts), Tone::kWarn},
               {printable(unmet.text)}});
  }
  std::string text = heading(context, "What answers did not keep") +
                     table.render(context.options.width, context.style);
  if (const std::size_t more = context.record.unmet.size() - all.size(); more > 0) {
    text +=
        wrapped("  ", fmt::format("{} rarer ones are in record.json", more), context.options.width);
  }
  return text;
}

std::string faults_section(const TerminalContext& context) {
  if (context.record.faults.empty()) {
    return {};
  }
  TextTable table({{"fault", Align::kLeft},
                   {"kind", Align::kLeft},
                   {"eligible"},
                   {"planned"},
                   {"fired"},
                   {"pre-empted"},
                   {"what", Align::kLeft}});
  std::string unfired;
  for (const model::RecordedFault& fault : context.record.faults) {
    const model::FaultCounts& counts = fault.counts;
    const bool as_planned = counts.planned > 0 && counts.fired + counts.preempted >= counts.planned;
    table.add({{printable(fault.name)},
               {printable(fault.kind)},
               {std::to_string(counts.eligible)},
               {std::to_string(counts.planned), counts.planned == 0 ? Tone::kWarn : Tone::kPlain},
               {std::to_string(counts.fired), as_planned ? Tone::kPlain : Tone::kWarn},
               {std::to_string(counts.preempted)},
               {printable(fault.summary)}});
    if (!fault.unfired.empty()) {
      unfired += wrapped(fmt::format("  {} did not fire: ", printable(fault.name)),
                         printable(fault.unfired.front()), context.options.width);
    }
  }
  return heading(context, "Faults") + table.render(context.options.width, context.style) + unfired;
}

std::string instrument_section(const TerminalContext& context) {
  if (is_without_load(context.record) && context.record.breaches.empty()) {
    return {};
  }
  std::string text = heading(context, "Self-watch");
  for (const std::string& line : self_watch_lines(context.record)) {
    text += wrapped("  ", line, context.options.width);
  }
  for (const model::Breach& breach : context.record.breaches) {
    text += "  " + context.style.paint(Tone::kWarn, "breach") +
            wrapped("         ",
                    fmt::format("from {:.0f}s on: {}", breach.from_second,
                                printable(breach.reason, kSentence)),
                    context.options.width)
                .substr(8);
  }
  return text;
}

// What stands in a run's directory beside its reports; each is there when there was something to
// keep in it.
std::string folders_in(const std::string& directory) {
  struct Folder {
    const char* name;
    const char* holds;
  };
  constexpr Folder kFolders[] = {
      {"findings", "a page for each finding: the evidence, how to fix it, how to show it again"},
      {"services", "what the services wrote"}};
  std::string text;
  for (const Folder& folder : kFolders) {
    std::error_code none;
    if (std::filesystem::is_directory(fmt::format("{}/{}", directory, folder.name), none)) {
      text += fmt::format("  {}/{}/  {}\n", printable(directory), folder.name, folder.holds);
    }
  }
  return text;
}

std::string files_section(const TerminalContext& context) {
  std::string text = heading(context, "Where to look");
  const std::string& directory = context.options.directory;
  if (!directory.empty()) {
    const char* files =
        context.record.complete
            ? "report.html, record.json, summary.md, junit.xml, events.ndjson, latency.hlog"
            : "plan.toml, events.ndjson, ledger.ndjson; squall was killed before "
              "the reports, which `squall report` makes from these";
    text += fmt::format("  {}/  {}\n", printable(directory), files) + folders_in(directory);
  }
  text += fmt::format("  repeat: {}\n", printable(context.record.command, kLongText));
  return text;
}

}  // namespace squall::reports
