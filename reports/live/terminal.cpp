#include "reports/live/terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/load_model.hpp"

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

bool load_is_running(Stage stage) {
  return stage == Stage::kWarmup || stage == Stage::kMeasured || stage == Stage::kDrain;
}

// Events that a quiet run does not tell: they only say how far it is. Properties that were not kept
// are among the reasons of its verdict.
bool is_progress(std::string_view kind) {
  return kind == "phase" || kind == "fault" || kind == "action" || kind == "property";
}

// How many iterations a plan has that ends by their number; 0 for one that ends by time.
std::uint64_t iterations_of(const model::Plan& plan) {
  std::uint64_t all = 0;
  for (const model::Users* users : model::user_pools(plan)) {
    if (users->iterations == 0) {
      return 0;
    }
    all += users->iterations;
  }
  return model::arrival_streams(plan).empty() ? all : 0;
}

std::string clock_text(Duration elapsed) {
  return fmt::format("{:.0f}s", to_seconds(elapsed));
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
  plan_name_ = printable(plan.name);
  warmup_ = plan.load.warmup;
  duration_ = plan.load.duration;
  threads_ = plan.load.threads;
  iterations_ = iterations_of(plan);
  faults_on_ = FaultsOn(plan);
  const bool closed = model::arrival_streams(plan).empty() && !model::user_pools(plan).empty();
  starts_ = closed ? Starts::kIterations : Starts::kArrivals;
  elapsed_ = -warmup_;
  if (options_.mode != Mode::kQuiet) {
    write_line(fmt::format("squall: {}, seed {}, run id {}", plan_name_, plan.seed,
                           printable(plan.run_id)));
  }
}

void TerminalView::stage(Stage stage, std::string_view detail) {
  stage_ = stage;
  stage_detail_ = printable(detail);
  if (options_.mode == Mode::kLines) {
    write_line(std::string(model::to_string(stage)) +
               (stage_detail_.empty() ? "" : ": " + stage_detail_));
  } else if (options_.mode == Mode::kRedraw) {
    redraw();
  }
}

void TerminalView::tick(Duration elapsed, const model::SecondSummary& last_second,
                        const model::Counters& so_far) {
  elapsed_ = elapsed;
  last_ = last_second;
  totals_ = so_far;
  if (options_.mode == Mode::kRedraw && !(options_.busy && options_.busy())) {
    redraw();
  }
}

void TerminalView::second(const model::SecondSummary& second) {
  last_ = second;
  faults_.resize(std::max(faults_.size(), second.faults.size()));
  for (std::size_t i = 0; i < second.faults.size(); ++i) {
    faults_[i].planned += second.faults[i].planned;
    faults_[i].fired += second.faults[i].fired;
  }
  for (std::size_t i = 0; i < second.classes.size(); ++i) {
    classes_[i] += second.classes[i];
  }
  effect_attempts_ += second.effect_attempts;
  if (options_.mode != Mode::kLines) {
    return;
  }
  const auto every = std::max<std::int64_t>(1, options_.line_every / std::chrono::seconds(1));
  if (last_line_second_ && second.second < *last_line_second_ + every) {
    return;
  }
  last_line_second_ = second.second;
  const double covered = covered_share(second, threads_);
  std::string line = fmt::format("{:>5}  {}; {}; {}; errors so far: {}", label(second, covered),
                                 rate_text(second, covered, starts_), response_text(second),
                                 flight_text(second), errors_text(classes_));
  line += faults_.empty() ? "" : "; faults " + faults_text(faults_);
  line += effect_attempts_ == 0 ? "" : fmt::format("; effect attempts {}", effect_attempts_);
  write_line(line);
}

void TerminalView::event(const model::RunEvent& event) {
  if (options_.mode == Mode::kQuiet && is_progress(event.kind)) {
    return;
  }
  // Stages tell of phases already.
  if (event.kind == "phase") {
    return;
  }
  const std::string line = fmt::format("{:>6.1f}s  {}: {}", to_seconds(event.at),
                                       printable(event.kind), printable(event.text, 500));
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

// "12s", "0.3s" of a second that was not whole, "warm-up 1s".
std::string TerminalView::label(const model::SecondSummary& second, double covered) const {
  const auto start = static_cast<double>(second.second);
  const double end = start + covered;
  if (second.second < 0) {
    return fmt::format("warm-up {:.0f}s", start + 1 + to_seconds(warmup_));
  }
  return covered < 1 ? fmt::format("{:.1f}s", end) : fmt::format("{:.0f}s", end);
}

double TerminalView::share_done() const {
  if (iterations_ > 0) {
    return static_cast<double>(totals_.started) / static_cast<double>(iterations_);
  }
  const Duration whole = warmup_ + duration_;
  const Duration done = elapsed_ + warmup_;
  return whole > Duration{} ? to_seconds(done) / to_seconds(whole) : 0;
}

std::string TerminalView::progress_text() const {
  if (stage_ == Stage::kWarmup) {
    return fmt::format(" {} of {}", clock_text(elapsed_ + warmup_), clock_text(warmup_));
  }
  if (stage_ == Stage::kDrain) {
    return " " + clock_text(elapsed_);
  }
  return iterations_ > 0 ? fmt::format(" {} of {} iterations", totals_.started, iterations_)
                         : fmt::format(" {} of {}", clock_text(elapsed_), clock_text(duration_));
}

std::string TerminalView::bar_line() const {
  const double share = share_done();
  std::string text = std::string(model::to_string(stage_));
  if (load_is_running(stage_)) {
    text += progress_text();
  }
  text += stage_detail_.empty() ? "" : ": " + stage_detail_;
  if (!load_is_running(stage_) || width() < kNarrowForBar) {
    return text;
  }
  return bar(share, std::min(kWidestBar, width() / 3)) + "  " + text;
}

std::vector<std::string> TerminalView::panel() const {
  std::vector<std::string> lines = {bar_line()};
  if (!load_is_running(stage_)) {
    return lines;
  }
  lines.push_back("  " + rate_text(last_, covered_share(last_, threads_), starts_));
  lines.push_back("  response " + response_text(last_));
  lines.push_back("  " + flight_text(last_));
  lines.push_back("  errors   " + errors_text(classes_));
  if (!faults_.empty()) {
    lines.push_back("  faults   " + faults_text(faults_));
  }
  if (faults_on_.change()) {
    lines.push_back("  on now   " + faults_on_.at(elapsed_));
  }
  if (effect_attempts_ > 0) {
    lines.push_back(fmt::format("  effects  {} attempts", effect_attempts_));
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
