#include "reports/live/terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/core.h>

namespace squall::reports {
namespace {

using model::Stage;
using Mode = LiveOptions::Mode;

constexpr unsigned kUsualWidth = 80;
constexpr unsigned kWidestBar = 40;
constexpr unsigned kNarrowForBar = 50;  // below it there is no bar

bool is_set(const char* name) {
  const char* value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start-up, before threads
  return value != nullptr && *value != '\0';
}

bool terminal_is_dumb() {
  const char* term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): likewise
  return term == nullptr || *term == '\0' || std::string_view(term) == "dumb";
}

unsigned columns_of(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualWidth;
}

}  // namespace

LiveOptions live_options_for(int fd, Quietness quietness) {
  const bool terminal = ::isatty(fd) == 1 && !terminal_is_dumb();
  LiveOptions options;
  options.mode = quietness == Quietness::kQuiet ? Mode::kQuiet
                 : terminal                     ? Mode::kRedraw
                                                : Mode::kLines;
  options.color = terminal && !is_set("NO_COLOR");
  options.width = [fd] { return columns_of(fd); };
  options.busy = [fd] { return would_block(fd); };
  return options;
}

TerminalView::TerminalView(LiveOptions options, Writer writer)
    : options_(std::move(options)), writer_(std::move(writer)) {}

void TerminalView::begin(const model::Plan& plan) {
  run_.begin(plan);
  if (options_.mode != Mode::kQuiet) {
    write_line(run_.title());
  }
}

void TerminalView::stage(Stage stage, std::string_view detail) {
  run_.stage(stage, detail);
  if (options_.mode == Mode::kLines) {
    const std::string& shown = run_.stage_detail();
    write_line(std::string(model::to_string(stage)) + (shown.empty() ? "" : ": " + shown));
  } else if (options_.mode == Mode::kRedraw) {
    redraw();
  }
}

void TerminalView::tick(Duration elapsed, const model::SecondSummary& last_second,
                        const model::Counters& so_far) {
  run_.tick(elapsed, last_second, so_far);
  if (options_.mode == Mode::kRedraw && !(options_.busy && options_.busy())) {
    redraw();
  }
}

void TerminalView::second(const model::SecondSummary& second) {
  run_.second(second);
  if (options_.mode != Mode::kLines) {
    return;
  }
  const auto every = std::max<std::int64_t>(1, options_.line_every / std::chrono::seconds(1));
  if (last_line_second_ && second.second < *last_line_second_ + every) {
    return;
  }
  last_line_second_ = second.second;
  const double covered = covered_share(second, run_.threads());
  std::string line =
      fmt::format("{:>5}  {}; {}; {}; errors so far: {}", run_.label(second, covered),
                  rate_text(second, covered, run_.starts()), response_text(second),
                  flight_text(second), errors_text(run_.classes()));
  line += run_.faults().empty() ? "" : "; faults " + faults_text(run_.faults());
  line += run_.effect_attempts() == 0 ? ""
                                      : fmt::format("; effect attempts {}", run_.effect_attempts());
  write_line(line);
}

void TerminalView::event(const model::RunEvent& event) {
  const RunSoFar::Event* told = run_.event(event);
  if (told == nullptr || (options_.mode == Mode::kQuiet && told->is_progress)) {
    return;
  }
  const std::string line = event_line(*told);
  if (options_.mode == Mode::kRedraw) {
    write(erase() + line + "\n");
    lines_drawn_ = 0;
    redraw();
  } else {
    write_line(line);
  }
}

void TerminalView::end(const model::RunRecord& /*record*/) {
  // The summary takes the place of the panel.
  if (options_.mode == Mode::kRedraw) {
    write(erase());
    lines_drawn_ = 0;
  }
}

unsigned TerminalView::width() const {
  const unsigned columns = options_.width ? options_.width() : kUsualWidth;
  return std::max(columns, 2U);
}

std::string TerminalView::bar_line() const {
  std::string text = std::string(model::to_string(run_.stage()));
  const std::string progress = run_.progress_text();
  text += progress.empty() ? "" : " " + progress;
  text += run_.stage_detail().empty() ? "" : ": " + run_.stage_detail();
  if (!load_is_running(run_.stage()) || width() < kNarrowForBar) {
    return text;
  }
  return bar(run_.share_done(), std::min(kWidestBar, width() / 3)) + "  " + text;
}

std::vector<std::string> TerminalView::panel() const {
  std::vector<std::string> lines = {bar_line()};
  if (!load_is_running(run_.stage())) {
    return lines;
  }
  const model::SecondSummary& last = run_.last();
  lines.push_back("  " + rate_text(last, covered_share(last, run_.threads()), run_.starts()));
  lines.push_back("  response " + response_text(last));
  lines.push_back("  " + flight_text(last));
  lines.push_back("  errors   " + errors_text(run_.classes()));
  if (!run_.faults().empty()) {
    lines.push_back("  faults   " + faults_text(run_.faults()));
  }
  if (run_.faults_on().change()) {
    lines.push_back("  on now   " + run_.faults_on().at(run_.elapsed()));
  }
  if (run_.effect_attempts() > 0) {
    lines.push_back(fmt::format("  effects  {} attempts", run_.effect_attempts()));
  }
  return lines;
}

std::string TerminalView::erase() const {
  std::string text;
  for (std::size_t i = 0; i < lines_drawn_; ++i) {
    text += "\x1b[1A\x1b[2K";
  }
  return text.empty() ? text : text + "\r";
}

void TerminalView::redraw() {
  // Lines are overwritten and only their rest is erased, in one write: nothing blinks.
  std::string text;
  if (lines_drawn_ > 0) {
    text += fmt::format("\x1b[{}A\r", lines_drawn_);
  }
  const std::vector<std::string> lines = panel();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    // One column stays free: a full line would wrap on some terminals and shift the panel.
    const std::string line = clipped(lines[i], width() - 1);
    const bool strong = i == 0 && options_.color;
    text += strong ? fmt::format("\x1b[1m{}\x1b[0m", line) : line;
    text += "\x1b[K\n";
  }
  if (lines.size() < lines_drawn_) {
    text += "\x1b[J";
  }
  lines_drawn_ = lines.size();
  write(text);
}

void TerminalView::write_line(std::string_view text) {
  write(std::string(text) + "\n");
}

void TerminalView::write(std::string_view text) {
  if (gone_ || text.empty()) {
    return;
  }
  gone_ = !writer_ || !writer_(text);
}

}  // namespace squall::reports
