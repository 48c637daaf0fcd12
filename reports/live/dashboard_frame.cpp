#include "reports/live/dashboard_frame.hpp"

#include <algorithm>
#include <functional>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "reports/live/spark.hpp"

namespace squall::reports {
namespace {

using model::SecondSummary;
using model::Stage;

constexpr unsigned kLabelWidth = 12;  // with its two spaces in front
constexpr unsigned kFigureWidth = 28;
constexpr unsigned kWidestBar = 60;
constexpr unsigned kMostHeatRows = 10;
constexpr unsigned kLeastHeatRows = 4;
constexpr unsigned kEventsKeptVisible = 4;  // rows that the heat map leaves to them

ScreenLine labelled(std::string_view label) {
  ScreenLine line(fmt::format("  {}", label), Ink::kDim);
  return line.pad_to(kLabelWidth);
}

std::string bar_text(const RunSoFar& run, unsigned columns) {
  return bar(run.share_done(), std::min(kWidestBar, columns / 3));
}

ScreenLine stage_line(const RunSoFar& run, unsigned columns) {
  ScreenLine line(std::string(model::to_string(run.stage())), Ink::kStrong);
  const std::string progress = run.progress_text();
  line.add(progress.empty() ? "" : " " + progress, Ink::kStrong);
  line.add(run.stage_detail().empty() ? "" : ": " + run.stage_detail());
  if (load_is_running(run.stage())) {
    line.add("  " + bar_text(run, columns), Ink::kGood);
    const std::string remaining = run.remaining_text();
    line.add(remaining.empty() ? "" : "  " + remaining);
  }
  return line;
}

// A figure now and how it went: in place of unknown seconds there is a blank.
ScreenLine figure_line(const RunSoFar& run, std::string_view label, std::string figure,
                       const std::function<double(const SecondSummary&)>& value, unsigned columns) {
  ScreenLine line = labelled(label);
  line.add(std::move(figure)).pad_to(kLabelWidth + kFigureWidth);
  const unsigned used = std::max(line.width(), kLabelWidth + kFigureWidth) + 1;
  if (used < columns) {
    std::vector<double> values;
    values.reserve(run.seconds().size());
    for (const SecondSummary& second : run.seconds()) {
      values.push_back(value(second));
    }
    line.add(" " + sparkline(values, columns - used), Ink::kGood);
  }
  return line;
}

double per_second(const RunSoFar& run, const SecondSummary& second, std::uint64_t count) {
  return static_cast<double>(count) / covered_share(second, run.threads());
}

std::string started_text(const RunSoFar& run) {
  const SecondSummary& last = run.last();
  const double started = per_second(run, last, last.counters.started);
  return run.starts() == Starts::kIterations
             ? fmt::format("{:.0f} iterations/s", started)
             : fmt::format("{:.0f}/s of {:.0f}/s due", started,
                           per_second(run, last, last.counters.due));
}

void add_figures(std::vector<ScreenLine>& lines, const RunSoFar& run, unsigned columns) {
  const SecondSummary& last = run.last();
  const auto add = [&](std::string_view label, std::string figure, const auto& value) {
    lines.push_back(figure_line(run, label, std::move(figure), value, columns));
  };
  add("started", started_text(run), [&run](const SecondSummary& second) {
    return per_second(run, second, second.counters.started);
  });
  add("acked", fmt::format("{:.0f} operations/s", per_second(run, last, last.acked)),
      [&run](const SecondSummary& second) { return per_second(run, second, second.acked); });
  add("p50", span_text(last.response_p50_us),
      [](const SecondSummary& second) { return static_cast<double>(second.response_p50_us); });
  add("p99", span_text(last.response_p99_us),
      [](const SecondSummary& second) { return static_cast<double>(second.response_p99_us); });
}

// What stands on and off now, each with what it has done so far where that is counted.
void add_faults(std::vector<ScreenLine>& lines, const RunSoFar& run) {
  std::string on;
  std::string off;
  for (const FaultsOn::Entry& entry : run.faults_on().entries()) {
    std::string text = entry.name;
    if (entry.counts && *entry.counts < run.faults().size()) {
      const model::FaultCounts& counts = run.faults()[*entry.counts];
      text += fmt::format(" {} of {} fired", counts.fired, counts.planned);
    }
    std::string& names = entry.is_on(run.elapsed()) ? on : off;
    names += (names.empty() ? "" : ", ") + text;
  }
  if (!on.empty()) {
    lines.push_back(labelled("faults on").add(on, Ink::kWarn));
  }
  if (!off.empty()) {
    lines.push_back(labelled("off").add(off, Ink::kDim));
  }
}

void add_counts(std::vector<ScreenLine>& lines, const RunSoFar& run) {
  lines.push_back(labelled("now").add(flight_text(run.last())));
  const std::string errors = errors_text(run.classes());
  lines.push_back(labelled("errors").add(errors, errors == "none" ? Ink::kPlain : Ink::kBad));
  add_faults(lines, run);
  if (run.effect_attempts() > 0) {
    lines.push_back(labelled("effects").add(fmt::format("{} attempts", run.effect_attempts())));
  }
  if (run.warnings() > 0) {
    lines.push_back(labelled("warnings").add(std::to_string(run.warnings()), Ink::kWarn));
  }
}

void add_heat(std::vector<ScreenLine>& lines, const RunSoFar& run, unsigned columns,
              unsigned rows) {
  const auto heat = heat_rows(run.seconds(), columns - kLabelWidth - 1, rows);
  if (heat.empty()) {
    return;
  }
  lines.emplace_back();
  lines.emplace_back("  response of each second, darker: more operations", Ink::kDim);
  for (const HeatRow& row : heat) {
    ScreenLine line(fmt::format("{:>{}} ", row.label, kLabelWidth - 1), Ink::kDim);
    lines.push_back(line.add(row.cells));
  }
}

void add_events(std::vector<ScreenLine>& lines, const RunSoFar& run, std::size_t rows) {
  if (rows < 2 || run.events().empty()) {
    return;
  }
  lines.emplace_back();
  const std::size_t shown = std::min(run.events().size(), rows - 1);
  for (std::size_t i = run.events().size() - shown; i < run.events().size(); ++i) {
    const RunSoFar::Event& event = run.events()[i];
    lines.emplace_back(event_line(event), event.is_progress ? Ink::kPlain : Ink::kWarn);
  }
}

// For a screen that is too small for more.
ScreenLine one_line(const RunSoFar& run) {
  ScreenLine line(std::string(model::to_string(run.stage())), Ink::kStrong);
  const std::string progress = run.progress_text();
  line.add(progress.empty() ? "" : " " + progress, Ink::kStrong);
  if (load_is_running(run.stage())) {
    line.add(fmt::format(", {:.0f}/s acked, p99 {}", per_second(run, run.last(), run.last().acked),
                         span_text(run.last().response_p99_us)));
  }
  if (run.warnings() > 0) {
    line.add(fmt::format(", warnings {}", run.warnings()), Ink::kWarn);
  }
  return line;
}

}  // namespace

std::vector<ScreenLine> dashboard_frame(const RunSoFar& run, ScreenSize size) {
  if (!fits_dashboard(size)) {
    return {one_line(run)};
  }
  std::vector<ScreenLine> lines = {ScreenLine(run.title(), Ink::kDim),
                                   stage_line(run, size.columns), ScreenLine()};
  if (!run.seconds().empty()) {
    add_figures(lines, run, size.columns);
    add_counts(lines, run);
    const std::size_t wanted = lines.size() + 2 + kEventsKeptVisible;
    const std::size_t room = size.rows > wanted ? size.rows - wanted : 0;
    if (room >= kLeastHeatRows) {
      add_heat(lines, run, size.columns,
               static_cast<unsigned>(std::min<std::size_t>(room, kMostHeatRows)));
    }
  }
  const std::size_t used = std::min<std::size_t>(lines.size(), size.rows);
  add_events(lines, run, size.rows - used);
  lines.resize(std::min<std::size_t>(lines.size(), size.rows));
  return lines;
}

}  // namespace squall::reports
