#include "reports/live/terminal.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <gmock/gmock.h>

#include "loadgen/base/text.hpp"
#include "reports/live/panel.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using Mode = LiveOptions::Mode;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// Collects what a view writes, one string for each write.
struct Screen {
  std::vector<std::string> writes;
  bool there = true;
  Writer writer() {
    return [this](std::string_view text) {
      writes.emplace_back(text);
      return there;
    };
  }
  [[nodiscard]] std::string all() const {
    std::string text;
    for (const std::string& write : writes) {
      text += write;
    }
    return text;
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

LiveOptions options_of(Mode mode, unsigned width = 80) {
  LiveOptions options;
  options.mode = mode;
  options.width = [width] { return width; };
  return options;
}

// A run with everything that can happen to a view.
void play(TerminalView& view) {
  const model::RunRecord record = testing::sample_record();
  view.begin(plan_of_20_seconds());
  view.stage(model::Stage::kServices, "shop");
  view.stage(model::Stage::kMeasured, "");
  for (const model::SecondSummary& second : record.seconds) {
    view.second(second);
    view.tick(std::chrono::seconds(second.second + 1), second, record.totals);
  }
  for (const model::RunEvent& event : record.events) {
    view.event(event);
  }
  view.event({21s, "abort", "error_rate > 50% for 5s"});
  view.stage(model::Stage::kDrain, "");
  view.end(record);
}

TEST(TerminalViewTest, LinesTellStagesAndEveryFifthSecond) {
  Screen screen;
  TerminalView view(options_of(Mode::kLines), screen.writer());
  play(view);
  const std::string text = screen.all();
  EXPECT_THAT(text, HasSubstr("squall: checkout, seed 7, run id r-1\n"));
  EXPECT_THAT(text, HasSubstr("starting services: shop\n"));
  EXPECT_THAT(text, HasSubstr("started 400/s of 400/s due, 400 operations/s acked; p50 "));
  EXPECT_THAT(text, HasSubstr("abort: error_rate > 50% for 5s\n"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  // 22 seconds from -2 on: lines at -2, 3, 8, 13 and 18.
  std::size_t lines = 0;
  for (std::size_t at = text.find("started 4"); at != std::string::npos;
       at = text.find("started 4", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 5U) << text;
}

// Two users until 1,000 iterations are done, as a plan of `squall hit -n 1000` has them.
model::Plan plan_of_1000_iterations() {
  model::Plan plan = plan_of_20_seconds();
  plan.load.warmup = Duration::zero();
  plan.load.duration = std::chrono::hours(24);
  model::Scenario scenario;
  scenario.users = model::Users{};
  scenario.users->iterations = 1000;
  plan.scenarios.push_back(std::move(scenario));
  return plan;
}

TEST(TerminalViewTest, ARunOfSoManyIterationsShowsTheirNumber) {
  Screen screen;
  TerminalView view(options_of(Mode::kRedraw), screen.writer());
  view.begin(plan_of_1000_iterations());
  view.stage(model::Stage::kMeasured, "");
  model::SecondSummary second;
  second.counters.started = 250;
  second.acked = 750;
  screen.writes.clear();
  view.tick(1s, second, second.counters);
  EXPECT_THAT(screen.all(), HasSubstr("measuring 250 of 1000 iterations"));
  EXPECT_THAT(screen.all(), HasSubstr("250 iterations/s started, 750 operations/s acked"));
  EXPECT_THAT(screen.all(), HasSubstr("██████░░░░")) << "a quarter, not a share of 24 hours";
}

TEST(TerminalViewTest, ASecondThatWasNotWholeShowsRatesOfItsTime) {
  Screen screen;
  TerminalView view(options_of(Mode::kLines), screen.writer());
  view.begin(plan_of_20_seconds());
  model::SecondSummary second;
  second.counters.due = 640;
  second.counters.started = 640;
  second.acked = 320;
  second.counters.loop_busy_ns = 120'000'000;
  second.counters.loop_idle_ns = 200'000'000;
  view.second(second);
  EXPECT_THAT(screen.all(),
              HasSubstr(" 0.3s  started 2000/s of 2000/s due, 1000 operations/s acked; "));
}

TEST(TerminalViewTest, WarmUpIsCountedFromItsOwnStart) {
  Screen lines;
  TerminalView view(options_of(Mode::kLines), lines.writer());
  view.begin(plan_of_20_seconds());
  model::SecondSummary second;
  second.second = -2;
  view.second(second);
  EXPECT_THAT(lines.all(), HasSubstr("warm-up 1s  started "));
  Screen panel;
  TerminalView redrawn(options_of(Mode::kRedraw), panel.writer());
  redrawn.begin(plan_of_20_seconds());
  redrawn.stage(model::Stage::kWarmup, "");
  redrawn.tick(-500ms, second, second.counters);
  EXPECT_THAT(panel.all(), HasSubstr("warm-up 2s of 2s"));
}

TEST(TerminalViewTest, EveryWriteOfLinesIsWholeLines) {
  Screen screen;
  TerminalView view(options_of(Mode::kLines), screen.writer());
  play(view);
  for (const std::string& write : screen.writes) {
    EXPECT_THAT(write, EndsWith("\n"));
  }
}

TEST(TerminalViewTest, QuietTellsTroubleOnly) {
  Screen screen;
  TerminalView view(options_of(Mode::kQuiet), screen.writer());
  play(view);
  EXPECT_EQ(screen.all(),
            "  12.4s  invalid: lag p99 was 14.0ms, the limit is 10.0ms\n"
            "  21.0s  abort: error_rate > 50% for 5s\n");
}

TEST(TerminalViewTest, QuietTellsWhyARunWasRefusedAndWhatItsEndCost) {
  Screen screen;
  TerminalView view(options_of(Mode::kQuiet), screen.writer());
  for (const char* kind : {"refused", "signal", "teardown", "journal", "ledger"}) {
    view.event({.at = std::chrono::seconds(1), .kind = kind, .text = "why"});
    EXPECT_NE(screen.all().find(std::string(kind) + ": why"), std::string::npos) << kind;
  }
  const std::string before = screen.all();
  view.event({.at = std::chrono::seconds(1), .kind = "phase", .text = "drain"});
  view.event({.at = std::chrono::seconds(1), .kind = "property", .text = "1 Replay: pass"});
  EXPECT_EQ(screen.all(), before);
}

TEST(PanelTest, WhatWasGivenUpIsSlowerThanAnHour) {
  model::SecondSummary second;
  second.response_p50_us = 1000;
  second.response_p90_us = 3'600'000'000;
  second.response_p99_us = 3'600'123'456;
  EXPECT_EQ(response_text(second), "p50 1ms, p90 > 1h, p99 > 1h");
}

TEST(TerminalViewTest, RedrawIsOneWriteThatGoesBackToItsFirstLine) {
  Screen screen;
  TerminalView view(options_of(Mode::kRedraw), screen.writer());
  const model::RunRecord record = testing::sample_record();
  view.begin(plan_of_20_seconds());
  view.stage(model::Stage::kMeasured, "");
  view.second(record.seconds[10]);
  screen.writes.clear();
  view.tick(9s, record.seconds[10], record.totals);
  view.tick(9'100ms, record.seconds[10], record.totals);
  ASSERT_EQ(screen.writes.size(), 2U);
  const auto lines = std::count(screen.writes[0].begin(), screen.writes[0].end(), '\n');
  EXPECT_EQ(screen.writes[1].substr(0, 5), "\x1b[" + std::to_string(lines) + "A\r");
  EXPECT_THAT(screen.writes[1], Not(HasSubstr("\x1b[2K"))) << "clearing first would flicker";
  for (const char* part :
       {"measuring 9s of 20s", "p50 ", "errors   cut 10, timeout 4", "planned 34, fired 34",
        "effects  220 attempts", "in flight 7, waiting 0, 64 connections"}) {
    EXPECT_THAT(screen.writes[1], HasSubstr(part));
  }
}

// Applies what the view writes to a grid, as a terminal of `width` columns does.
class Grid {
 public:
  explicit Grid(std::size_t width) : width_(width) {}
  void write(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      if (c == '\x1b') {
        at = escape(text, at + 2);
      } else if (c == '\n') {
        ++row_;
        column_ = 0;
        rows_.resize(std::max(rows_.size(), row_ + 1));
      } else if (c == '\r') {
        column_ = 0;
      } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
        put((static_cast<unsigned char>(c) & 0x80) != 0 ? '#' : c);
      }
    }
  }
  std::vector<std::string> rows_{1};
  bool wrapped_ = false;

 private:
  void put(char c) {
    wrapped_ = wrapped_ || column_ >= width_;
    std::string& row = rows_[row_];
    row.resize(std::max(row.size(), column_ + 1), ' ');
    row[column_++] = c;
  }
  // Returns the index of the last character of the sequence.
  std::size_t escape(std::string_view text, std::size_t at) {
    std::size_t number = 0;
    while (text[at] >= '0' && text[at] <= '9') {
      number = number * 10 + static_cast<std::size_t>(text[at++] - '0');
    }
    if (text[at] == 'A') {
      EXPECT_GE(row_, number);
      row_ -= std::min(row_, number);
    } else if (text[at] == 'K') {
      rows_[row_].resize(number == 2 ? 0 : std::min(rows_[row_].size(), column_));
    } else if (text[at] == 'J') {
      rows_.resize(row_ + 1);
      rows_[row_].resize(column_);
    } else {
      EXPECT_EQ(text[at], 'm') << "an unknown sequence";
    }
    return at;
  }

  std::size_t width_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

class WidthTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(WidthTest, ThePanelNeverWrapsAndLeavesNothingBehind) {
  Grid grid(GetParam());
  LiveOptions options = options_of(Mode::kRedraw, GetParam());
  options.color = true;
  const std::string begin = "squall: checkout, seed 7, run id r-1";
  bool begun = false;
  TerminalView view(options, [&](std::string_view text) {
    grid.write(text);
    grid.wrapped_ =
        grid.wrapped_ && begun;  // the line that starts a run may be longer than a narrow terminal
    begun = true;
    return true;
  });
  const model::RunRecord record = testing::sample_record();
  view.begin(plan_of_20_seconds());
  view.stage(model::Stage::kServices, std::string(300, 's'));
  view.stage(model::Stage::kMeasured, "");
  for (const model::SecondSummary& second : record.seconds) {
    view.second(second);
    view.tick(std::chrono::seconds(second.second + 1), second, record.totals);
  }
  view.stage(model::Stage::kSettle, "");
  view.end(record);
  EXPECT_FALSE(grid.wrapped_);
  ASSERT_FALSE(grid.rows_.empty());
  EXPECT_EQ(grid.rows_[0], begin);
  for (std::size_t i = 1; i < grid.rows_.size(); ++i) {
    EXPECT_EQ(grid.rows_[i], "") << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Widths, WidthTest, ::testing::Values(2, 20, 49, 50, 80, 200));

TEST(TerminalViewTest, EventsScrollAboveThePanel) {
  Grid grid(120);
  TerminalView view(options_of(Mode::kRedraw, 120), [&](std::string_view text) {
    grid.write(text);
    return true;
  });
  const model::RunRecord record = testing::sample_record();
  view.begin(plan_of_20_seconds());
  view.stage(model::Stage::kMeasured, "");
  view.tick(1s, record.seconds[3], record.totals);
  view.event({1'500ms, "service", "psp ended with status 1"});
  view.tick(2s, record.seconds[4], record.totals);
  EXPECT_EQ(grid.rows_[1], "   1.5s  service: psp ended with status 1");
  EXPECT_THAT(grid.rows_[2], HasSubstr("measuring 2s of 20s"));
}

TEST(TerminalViewTest, ABusyTerminalIsNotWaitedFor) {
  Screen screen;
  LiveOptions options = options_of(Mode::kRedraw);
  options.busy = [] { return true; };
  TerminalView view(options, screen.writer());
  view.begin(plan_of_20_seconds());
  screen.writes.clear();
  view.tick(1s, {}, {});
  EXPECT_TRUE(screen.writes.empty());
}

TEST(TerminalViewTest, GoesSilentWhenNobodyListens) {
  for (const Mode mode : {Mode::kLines, Mode::kRedraw}) {
    Screen screen;
    screen.there = false;
    TerminalView view(options_of(mode), screen.writer());
    play(view);
    EXPECT_EQ(screen.writes.size(), 1U);
  }
}

TEST(TerminalViewTest, OutsideTextCannotDriveTheTerminal) {
  Screen screen;
  TerminalView view(options_of(Mode::kLines), screen.writer());
  model::Plan plan = plan_of_20_seconds();
  plan.name = testing::poison_text();
  plan.run_id = testing::poison_text();
  view.begin(plan);
  view.stage(model::Stage::kSetup, testing::poison_text());
  view.event({1s, testing::poison_text(), testing::poison_text()});
  const std::string text = screen.all();
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(PanelTest, Texts) {
  EXPECT_EQ(bar(0.5, 4), "██░░");
  EXPECT_EQ(bar(-1, 2), "░░");
  EXPECT_EQ(bar(9, 2), "██");
  EXPECT_EQ(response_text({}), "no answers");
  EXPECT_EQ(errors_text({}), "none");
  EXPECT_EQ(clipped("äöü", 2), "äö");
}

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[1]);
    close_reader();
  }
  void close_reader() {
    if (ends_[0] >= 0) {
      ::close(ends_[0]);
      ends_[0] = -1;
    }
  }
  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }

 private:
  int ends_[2] = {-1, -1};
};

TEST(WriterTest, WritesEverything) {
  const Pipe pipe;
  EXPECT_TRUE(descriptor_writer(pipe.writer())("hello"));
  char buffer[8] = {};
  EXPECT_EQ(::read(pipe.reader(), buffer, sizeof buffer), 5);
  EXPECT_STREQ(buffer, "hello");
}

TEST(WriterTest, AClosedReaderNeitherKillsNorStaysPending) {
  Pipe pipe;
  pipe.close_reader();
  EXPECT_FALSE(descriptor_writer(pipe.writer())("hello"));
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

TEST(WriterTest, AFullPipeBlocksNobody) {
  const Pipe pipe;
  EXPECT_EQ(::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  const std::string page(4096, 'x');
  while (::write(pipe.writer(), page.data(), page.size()) > 0) {
  }
  EXPECT_TRUE(would_block(pipe.writer()));
  EXPECT_TRUE(descriptor_writer(pipe.writer())("late")) << "the text is lost, the reader is not";
}

TEST(LiveOptionsTest, WhatIsNoTerminalGetsLines) {
  const Pipe pipe;
  const LiveOptions options = live_options_for(pipe.writer(), Quietness::kNormal);
  EXPECT_EQ(options.mode, Mode::kLines);
  EXPECT_FALSE(options.color);
  EXPECT_EQ(options.width(), 80U);
  EXPECT_EQ(live_options_for(pipe.writer(), Quietness::kQuiet).mode, Mode::kQuiet);
}

// A pseudo terminal, to be what isatty() believes in.
class PseudoTerminal {
 public:
  PseudoTerminal() : controller_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(::grantpt(controller_), 0);
    EXPECT_EQ(::unlockpt(controller_), 0);
    char name[64] = {};
    EXPECT_EQ(::ptsname_r(controller_, name, sizeof name), 0);
    terminal_ = ::open(name, O_RDWR | O_NOCTTY);
    EXPECT_GE(terminal_, 0);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    ::close(terminal_);
    ::close(controller_);
  }
  [[nodiscard]] int fd() const { return terminal_; }

 private:
  int controller_;
  int terminal_ = -1;
};

class EnvironmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TERM", "xterm", 1);  // NOLINT(concurrency-mt-unsafe): single-threaded test
    ::unsetenv("NO_COLOR");        // NOLINT(concurrency-mt-unsafe): likewise
  }
  PseudoTerminal terminal_;
};

TEST_F(EnvironmentTest, ATerminalIsRedrawnInColour) {
  const LiveOptions options = live_options_for(terminal_.fd(), Quietness::kNormal);
  EXPECT_EQ(options.mode, Mode::kRedraw);
  EXPECT_TRUE(options.color);
}

TEST_F(EnvironmentTest, NoColorIsRespected) {
  ::setenv("NO_COLOR", "1", 1);  // NOLINT(concurrency-mt-unsafe): single-threaded test
  const LiveOptions options = live_options_for(terminal_.fd(), Quietness::kNormal);
  EXPECT_EQ(options.mode, Mode::kRedraw);
  EXPECT_FALSE(options.color);
}

TEST_F(EnvironmentTest, ADumbTerminalGetsLines) {
  ::setenv("TERM", "dumb", 1);  // NOLINT(concurrency-mt-unsafe): single-threaded test
  const LiveOptions options = live_options_for(terminal_.fd(), Quietness::kNormal);
  EXPECT_EQ(options.mode, Mode::kLines);
  EXPECT_FALSE(options.color);
}

}  // namespace
}  // namespace squall::reports
