#include "loadgen/app/selftest_report.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/formats/common/style.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/common/text_table.hpp"

namespace squall::app {
namespace {

using model::RunRecord;
using reports::TextTable;

constexpr double kShown[] = {50, 99, 99.9};

// Nanoseconds have their own histogram; the rule for n/a is the same.
std::string nanoseconds_at(const stats::Histogram& nanoseconds, double percentile) {
  const auto known = stats::percentile_with_interval(nanoseconds, percentile);
  return known ? format_duration(Duration(known->value)) : "n/a";
}

void add_span(TextTable& table, const std::string& name, const stats::Histogram& microseconds,
              const char* what) {
  std::vector<TextTable::Cell> row = {{name}};
  for (const double percentile : kShown) {
    row.push_back({reports::percentile_text(microseconds, percentile)});
  }
  row.push_back({reports::max_text(microseconds)});
  row.push_back({what});
  table.add(std::move(row));
}

std::string spans_of(const RunRecord& record, const model::FormatOptions& options) {
  TextTable table({{"", TextTable::Align::kLeft},
                   {"p50"},
                   {"p99"},
                   {"p99.9"},
                   {"max"},
                   {"", TextTable::Align::kLeft}});
  const model::CellFilter all;
  const auto span = [&](model::AttemptSpan one) {
    return model::span_of_attempts(record, all, one);
  };
  const stats::Histogram lag = span(model::AttemptSpan::kLag);
  std::vector<TextTable::Cell> row = {{"lag"}};
  for (const double percentile : kShown) {
    row.push_back({nanoseconds_at(lag, percentile)});
  }
  row.push_back({lag.empty() ? "n/a" : format_duration(Duration(lag.max()))});
  row.push_back({"squall's own lateness"});
  table.add(std::move(row));
  add_span(table, "queue", span(model::AttemptSpan::kQueue), "until the first byte was written");
  add_span(table, "service", span(model::AttemptSpan::kService), "first byte written to last read");
  add_span(table, "response", model::response_of_operations(record, all),
           "from the planned send time: what a report would show");
  return table.render(options.width, reports::Style(options.color));
}

std::string cost_line(const model::Counters& totals) {
  if (totals.attempts == 0) {
    return "cost: nothing was sent\n";
  }
  const auto busy = static_cast<double>(totals.loop_busy_ns);
  const auto all = static_cast<double>(totals.loop_busy_ns + totals.loop_idle_ns);
  const double busiest = all > 0 ? busy / all : 0;
  return fmt::format(
      "cost: {:.1f} us of a worker's loop for each request; busy {:.1f}% of the time{}\n",
      busy / 1e3 / static_cast<double>(totals.attempts), busiest * 100,
      totals.loop_spin_ns > 0 ? ", time spent spinning left out" : "");
}

}  // namespace

std::string selftest_report(const RunRecord& record, const model::FormatOptions& options) {
  const reports::Style style(options.color);
  std::string text = fmt::format("{}\n", reports::load_line(record));
  for (const std::string& line : reports::model_lines(record)) {
    text += line + "\n";
  }
  text += fmt::format("host: {}\n\n", printable(record.host)) + spans_of(record, options) + "\n";
  const model::Counters& totals = record.totals;
  text += fmt::format("starts: {} due, {} taken up ({}), {} dropped\n", totals.due, totals.started,
                      reports::share_text(totals.started, totals.due), totals.dropped);
  text += cost_line(totals);
  for (const model::Breach& breach : record.breaches) {
    text +=
        style.paint(reports::Tone::kBad, "invalid") +
        fmt::format(" from second {} on: {}\n", breach.from_second, printable(breach.reason, 400));
  }
  if (record.breaches.empty()) {
    text +=
        style.paint(reports::Tone::kGood, "valid") +
        ": at this load squall keeps its own limits on this machine. Nothing is subtracted from "
        "results: response times of this size are squall's own.\n";
  }
  return text;
}

}  // namespace squall::app
