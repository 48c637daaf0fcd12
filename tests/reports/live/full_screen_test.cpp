#include "reports/live/full_screen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "loadgen/model/response_cells.hpp"
#include "reports/live/dashboard_frame.hpp"
#include "reports/live/spark.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr ScreenSize kSize{.columns = 100, .rows = 30};

struct Terminal {
  std::vector<std::string> writes;
  std::vector<bool> changes;
  ScreenSize size = kSize;
  bool there = true;
  bool busy = false;
  bool suspended = false;

  Writer writer() {
    return [this](std::string_view text) {
      writes.emplace_back(text);
      return there;
    };
  }
  FullScreenOptions options() {
    return {.color = false,
            .size = [this] { return size; },
            .busy = [this] { return busy; },
            .on_change = [this](bool on) { changes.push_back(on); },
            .was_suspended = [this] { return std::exchange(suspended, false); }};
  }
};

model::Plan plan_of_20_seconds() {
  model::Plan plan;
  plan.name = "checkout";
  plan.seed = 7;
  plan.run_id = "r-1";
  plan.load.warmup = 2s;
  plan.load.duration = 20s;
  return plan;
}

model::SecondSummary second_of(std::int64_t number, std::uint64_t acked, std::int64_t us) {
  model::SecondSummary second;
  second.second = number;
  second.counters.due = second.counters.started = acked;
  second.acked = acked;
  second.response_p50_us = second.response_p99_us = us;
  second.cells.push_back({.counts = {{model::cell_of(us), acked}}});
  return second;
}

std::vector<std::string> texts(const RunSoFar& run, ScreenSize size) {
  std::vector<std::string> rows;
  for (const ScreenLine& line : dashboard_frame(run, size)) {
    rows.push_back(line.rendered(size.columns, false));
  }
  return rows;
}

RunSoFar run_of_seconds(std::int64_t seconds) {
  RunSoFar run;
  run.begin(plan_of_20_seconds());
  run.stage(model::Stage::kMeasured, "");
  for (std::int64_t i = 0; i < seconds; ++i) {
    run.second(second_of(i, 100, i == seconds - 1 ? 40'000 : 1'000));
  }
  run.tick(std::chrono::seconds(seconds), run.last(), run.last().counters);
  return run;
}

std::string row_with(const std::vector<std::string>& rows, std::string_view part) {
  for (const std::string& row : rows) {
    if (row.find(part) != std::string::npos) {
      return row;
    }
  }
  return {};
}

TEST(ScreenTest, IsEnteredOnceAndGivenBackByItsDestructor) {
  Terminal terminal;
  {
    Screen screen(terminal.writer(), false, terminal.options().on_change);
    screen.enter();
    screen.enter();
    EXPECT_EQ(terminal.writes, std::vector<std::string>{std::string(kEnterScreen)});
  }
  EXPECT_EQ(terminal.writes.back(), kLeaveScreen);
  EXPECT_EQ(terminal.writes.size(), 2U);
  EXPECT_EQ(terminal.changes, (std::vector<bool>{true, false}));
}

TEST(ScreenTest, AFrameIsOneWriteOfTheRowsThatChanged) {
  Terminal terminal;
  Screen screen(terminal.writer(), false, {});
  screen.enter();
  terminal.writes.clear();
  screen.show({{"one"}, {"two"}, {"three"}}, {80, 4});
  ASSERT_EQ(terminal.writes.size(), 1U);
  EXPECT_EQ(
      terminal.writes[0],
      "\x1b[?2026h\x1b[2J\x1b[1;1Hone\x1b[K\x1b[2;1Htwo\x1b[K\x1b[3;1Hthree\x1b[K\x1b[?2026l");
  screen.show({{"one"}, {"zwei"}}, {80, 4});
  EXPECT_EQ(terminal.writes[1], "\x1b[?2026h\x1b[2;1Hzwei\x1b[K\x1b[3;1H\x1b[K\x1b[?2026l");
  screen.show({{"one"}, {"zwei"}}, {80, 4});
  EXPECT_EQ(terminal.writes.size(), 2U) << "nothing changed, nothing is written";
  screen.show({{"one"}, {"zwei"}}, {2, 1});
  EXPECT_EQ(terminal.writes[2], "\x1b[?2026h\x1b[2J\x1b[1;1Hon\x1b[K\x1b[?2026l");
}

TEST(ScreenTest, ColoursOnlyWhenAllowedAndCutWithTheText) {
  ScreenLine line("äöü", Ink::kBad);
  line.add(" plain");
  EXPECT_EQ(line.width(), 9U);
  EXPECT_EQ(line.rendered(80, true), "\x1b[31mäöü\x1b[0m plain");
  EXPECT_EQ(line.rendered(2, true), "\x1b[31mäö\x1b[0m");
  EXPECT_EQ(line.rendered(80, false), "äöü plain");
}

TEST(SparklineTest, IsAsHighAsTheLargestOfWhatIsShown) {
  EXPECT_EQ(sparkline({1, 2, 4, 8}, 4), "▁▂▄█");
  EXPECT_EQ(sparkline({100, 1, 2}, 2), "▄█") << "what is not shown counts for nothing";
  EXPECT_EQ(sparkline({-1, 3}, 4), " █");
  EXPECT_EQ(sparkline({0, 0}, 4), "▁▁");
  EXPECT_EQ(sparkline({}, 4), "");
}

TEST(HeatRowsTest, DarkerWhereMoreOperationsOfTheSecondAre) {
  std::deque<model::SecondSummary> seconds;
  seconds.push_back(second_of(0, 100, 1'000));
  seconds.push_back(second_of(1, 100, 1'000));
  seconds[1].cells[0].counts.emplace_back(model::cell_of(100'000), 2);
  seconds[1].cells[0].counts.emplace_back(model::never_cell(), 10);
  const auto rows = heat_rows(seconds, 80, 5);
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].label, "given up");
  EXPECT_EQ(rows[0].cells, " ▓");
  EXPECT_EQ(rows[1].cells, " ▒");
  EXPECT_EQ(rows[4].cells, "██");
  EXPECT_THAT(rows[4].label, StartsWith("9"));  // the cell that holds 1 ms begins a little below it
  EXPECT_TRUE(heat_rows({}, 80, 5).empty());
  EXPECT_TRUE(heat_rows(seconds, 80, 0).empty());
  EXPECT_EQ(heat_rows(seconds, 1, 5).front().cells, "▓") << "the last seconds are shown";
}

TEST(DashboardFrameTest, ShowsFiguresNowAndHowTheyWent) {
  const auto rows = texts(run_of_seconds(8), kSize);
  EXPECT_EQ(rows[0], "squall: checkout, seed 7, run id r-1");
  EXPECT_THAT(rows[1], StartsWith("measuring 8s of 20s  █████"));
  EXPECT_THAT(rows[1], HasSubstr("12s left"));
  EXPECT_THAT(row_with(rows, "started"), HasSubstr("100/s of 100/s due"));
  EXPECT_THAT(row_with(rows, "acked"), HasSubstr("100 operations/s"));
  EXPECT_THAT(row_with(rows, "acked"), HasSubstr("████████"));
  EXPECT_THAT(row_with(rows, "p99"), HasSubstr("40ms"));
  EXPECT_THAT(row_with(rows, "p99"), HasSubstr("▁▁▁▁▁▁▁█"));
  EXPECT_THAT(row_with(rows, "errors"), HasSubstr("none"));
  EXPECT_NE(row_with(rows, "response of each second"), "");
}

TEST(DashboardFrameTest, FaultsStandByWhetherTheyAreOn) {
  model::Plan plan = plan_of_20_seconds();
  plan.faults.resize(2);
  plan.faults[0].name = "twins";
  plan.faults[1].name = "lost-ack";
  plan.faults[1].selection.window = expr::Window{5s, 10s};
  RunSoFar run;
  run.begin(plan);
  run.stage(model::Stage::kMeasured, "");
  model::SecondSummary second = second_of(0, 100, 1'000);
  second.faults = {{.eligible = 9, .planned = 4, .fired = 3}, {}};
  run.second(second);
  run.tick(1s, second, second.counters);
  EXPECT_THAT(row_with(texts(run, kSize), "faults on"), HasSubstr("twins 3 of 4 fired"));
  EXPECT_THAT(row_with(texts(run, kSize), "  off"), HasSubstr("lost-ack 0 of 0 fired"));
  run.tick(5s, second, second.counters);
  EXPECT_THAT(row_with(texts(run, kSize), "faults on"),
              HasSubstr("twins 3 of 4 fired, lost-ack 0 of 0 fired"));
  EXPECT_EQ(row_with(texts(run, kSize), "  off"), "");
}

TEST(DashboardFrameTest, NoSizeIsEverExceeded) {
  RunSoFar run = run_of_seconds(700);
  for (int i = 0; i < 50; ++i) {
    run.event({std::chrono::seconds(i), "invalid", std::string(300, 'x')});
  }
  for (const ScreenSize size :
       {ScreenSize{0, 0}, ScreenSize{1, 1}, ScreenSize{20, 5}, ScreenSize{59, 100},
        ScreenSize{60, 13}, ScreenSize{60, 14}, ScreenSize{61, 20}, ScreenSize{400, 120}}) {
    const auto frame = dashboard_frame(run, size);
    EXPECT_LE(frame.size(), std::max(size.rows, 1U));
    for (const ScreenLine& line : frame) {
      const std::string row = line.rendered(size.columns, false);
      EXPECT_LE(ScreenLine(row).width(), size.columns) << row;
    }
    EXPECT_EQ(frame.size() > 1, fits_dashboard(size));
  }
}

TEST(DashboardFrameTest, ASmallScreenGetsOneLine) {
  const auto rows = texts(run_of_seconds(8), {50, 10});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0], "measuring 8s of 20s, 100/s acked, p99 40ms");
}

TEST(DashboardFrameTest, TheLastEventsAreShownAndWarningsCounted) {
  RunSoFar run = run_of_seconds(8);
  for (int i = 0; i < 40; ++i) {
    run.event(
        {std::chrono::seconds(i), i % 2 == 0 ? "fault" : "service", "number " + std::to_string(i)});
  }
  run.event({1s, "phase", "drain"});
  const auto rows = texts(run, kSize);
  EXPECT_EQ(rows.back(), "  39.0s  service: number 39");
  EXPECT_THAT(row_with(rows, "warnings"), HasSubstr("20"));
}

TEST(FullScreenViewTest, EventsStandOnTheNormalScreenAfterwards) {
  Terminal terminal;
  FullScreenView view(terminal.options(), terminal.writer());
  view.begin(plan_of_20_seconds());
  EXPECT_EQ(terminal.writes.front(), "squall: checkout, seed 7, run id r-1\n");
  view.event({1500ms, "service", "psp ended with status 1"});
  view.end(::squall::testing::sample_record());
  const auto& writes = terminal.writes;
  ASSERT_GE(writes.size(), 2U);
  EXPECT_EQ(writes[writes.size() - 2], kLeaveScreen);
  EXPECT_EQ(writes.back(), "   1.5s  service: psp ended with status 1\n");
}

TEST(FullScreenViewTest, IsLeftWhenARunEndsByAnException) {
  Terminal terminal;
  try {
    FullScreenView view(terminal.options(), terminal.writer());
    view.begin(plan_of_20_seconds());
    throw std::runtime_error("defect");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(terminal.writes.back(), kLeaveScreen);
}

TEST(FullScreenViewTest, AChangeOfSizeAndASuspensionDrawEverythingAnew) {
  Terminal terminal;
  FullScreenView view(terminal.options(), terminal.writer());
  view.begin(plan_of_20_seconds());
  view.stage(model::Stage::kMeasured, "");
  const auto whole = [&] { return terminal.writes.back().find("run id r-1") != std::string::npos; };
  view.tick(1s, {}, {});
  EXPECT_FALSE(whole());
  terminal.size.rows = 20;
  view.tick(2s, {}, {});
  EXPECT_TRUE(whole());
  view.tick(3s, {}, {});
  EXPECT_FALSE(whole());
  terminal.suspended = true;
  view.tick(4s, {}, {});
  EXPECT_TRUE(whole());
}

TEST(FullScreenViewTest, ASuspendedRunEntersTheScreenAgainOnlyToDraw) {
  Terminal terminal;
  const auto written = [&](std::string_view sequence) {
    return std::count(terminal.writes.begin(), terminal.writes.end(), sequence);
  };
  {
    FullScreenView view(terminal.options(), terminal.writer());
    view.begin(plan_of_20_seconds());
    terminal.suspended = true;
    terminal.busy = true;  // it went on in the background
    view.tick(1s, {}, {});
    EXPECT_EQ(written(kEnterScreen), 1);
    terminal.busy = false;
    view.tick(2s, {}, {});
    view.tick(3s, {}, {});
    EXPECT_EQ(written(kEnterScreen), 2);
    terminal.suspended = true;
    terminal.busy = true;
  }
  EXPECT_EQ(written(kLeaveScreen), 0) << "the normal screen was there already";
  EXPECT_EQ(terminal.changes, (std::vector<bool>{true, false}));
}

TEST(FullScreenViewTest, NeitherABusyTerminalNorOneThatIsGoneIsWrittenTo) {
  Terminal terminal;
  FullScreenView view(terminal.options(), terminal.writer());
  view.begin(plan_of_20_seconds());
  terminal.writes.clear();
  terminal.busy = true;
  view.stage(model::Stage::kMeasured, "");
  EXPECT_TRUE(terminal.writes.empty());
  terminal.busy = false;
  terminal.there = false;
  view.tick(1s, {}, {});
  view.tick(2s, {}, {});
  EXPECT_EQ(terminal.writes.size(), 1U);
}

TEST(FullScreenViewTest, OutsideTextCannotDriveTheTerminal) {
  Terminal terminal;
  FullScreenView view(terminal.options(), terminal.writer());
  model::Plan plan = plan_of_20_seconds();
  plan.name = plan.run_id = ::squall::testing::poison_text();
  plan.faults.resize(1);
  plan.faults[0].name = ::squall::testing::poison_text();
  view.begin(plan);
  view.stage(model::Stage::kSetup, ::squall::testing::poison_text());
  view.second(second_of(0, 1, 1));
  view.event({1s, ::squall::testing::poison_text(), ::squall::testing::poison_text()});
  view.end(::squall::testing::sample_record());
  for (const std::string& write : terminal.writes) {
    for (std::size_t at = write.find('\x1b'); at != std::string::npos;
         at = write.find('\x1b', at + 1)) {
      EXPECT_EQ(write[at + 1], '[');
      EXPECT_THAT(std::string(1, write[write.find_first_not_of("0123456789;?", at + 2)]),
                  ::testing::MatchesRegex("[hlHKJm]"));
    }
  }
}

}  // namespace
}  // namespace squall::reports
