#include "loadgen/app/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/core.h>

#include "loadgen/app/registries.hpp"
#include "loadgen/app/signals.hpp"
#include "loadgen/base/text.hpp"
#include "reports/live/dashboard_frame.hpp"
#include "reports/live/full_screen.hpp"
#include "reports/live/json_view.hpp"
#include "reports/live/terminal.hpp"
#include "reports/live/writer.hpp"

namespace squall::app {
namespace {

constexpr unsigned kDefaultWidth = 100;

unsigned columns_of(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kDefaultWidth;
}

reports::Quietness quietness_of(Verbosity verbosity) {
  return verbosity == Verbosity::kQuiet ? reports::Quietness::kQuiet : reports::Quietness::kNormal;
}

reports::ScreenSize screen_size(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? reports::ScreenSize{size.ws_col, size.ws_row}
                                           : reports::ScreenSize{};
}

// Whether a run takes the whole screen of a terminal that can be redrawn. The screen of somebody
// who started squall in the background is in use by something else.
bool takes_screen(Shown shown, int fd) {
  return (shown == Shown::kAuto || shown == Shown::kFull) &&
         reports::fits_dashboard(screen_size(fd)) && ::tcgetpgrp(fd) == ::getpgrp();
}

// A job in the background of a shell: what it draws again and again would go through what somebody
// types there.
bool in_background(int fd) {
  const pid_t foreground = ::tcgetpgrp(fd);
  return foreground > 0 && foreground != ::getpgrp();
}

// Whether the screen belongs to somebody else for now: ^Z, and bg after it.
bool not_ours(int fd) {
  return screen_is_given_back() || in_background(fd);
}

// One line, and why when it is not a pass.
std::string quiet_summary(const model::RunRecord& record, const std::string& directory) {
  std::string text = fmt::format("{} (exit {}): {}\n", model::to_string(record.verdict),
                                 static_cast<int>(record.exit_code), directory);
  const bool told =
      record.verdict == model::Verdict::kPass && record.exit_code == model::ExitCode::kPass;
  for (const std::string& reason : told ? std::vector<std::string>() : record.reasons) {
    text += fmt::format("  - {}\n", printable(reason, 400));
  }
  return text;
}

}  // namespace

Terminal::Terminal(Verbosity verbosity, Color color, const LiveOptions& live)
    : verbosity_(verbosity),
      allowed_(color),
      shown_(live.shown),
      output_(live.output),
      color_(color == Color::kAuto &&
             reports::live_options_for(STDOUT_FILENO, quietness_of(verbosity)).color) {}

std::unique_ptr<model::ProgressView> Terminal::make_view() const {
  using Mode = reports::LiveOptions::Mode;
  const Verbosity verbosity = shown_ == Shown::kOff ? Verbosity::kQuiet : verbosity_;
  reports::LiveOptions options = reports::live_options_for(STDERR_FILENO, quietness_of(verbosity));
  options.color = options.color && allowed_ == Color::kAuto;
  if (options.mode == Mode::kRedraw && takes_screen(shown_, STDERR_FILENO)) {
    return std::make_unique<reports::FullScreenView>(
        reports::FullScreenOptions{
            .color = options.color,
            .size = [] { return screen_size(STDERR_FILENO); },
            .busy = [] { return not_ours(STDERR_FILENO) || reports::would_block(STDERR_FILENO); },
            .on_change = [](bool on) { own_screen(on ? STDERR_FILENO : -1); },
            .was_suspended = take_suspension},
        reports::descriptor_writer(STDERR_FILENO));
  }
  const bool lines =
      shown_ == Shown::kLines || (shown_ == Shown::kAuto && in_background(STDERR_FILENO));
  if (options.mode == Mode::kRedraw && lines) {
    options.mode = Mode::kLines;
  }
  return std::make_unique<reports::TerminalView>(std::move(options),
                                                 reports::descriptor_writer(STDERR_FILENO));
}

std::unique_ptr<model::ProgressView> Terminal::make_json_view() const {
  return output_ == Output::kJson ? std::make_unique<reports::JsonView>(
                                        reports::descriptor_writer(STDOUT_FILENO),
                                        [] { return reports::would_block(STDOUT_FILENO); })
                                  : nullptr;
}

std::string Terminal::summary(const model::RunRecord& record, const std::string& directory) const {
  if (verbosity_ == Verbosity::kQuiet) {
    return quiet_summary(record, directory);
  }
  const model::FormatKind* format = registries().formats.find("terminal");
  model::FormatOptions options = format_options();
  options.directory = directory;
  return format->render(record, options);
}

model::FormatOptions Terminal::format_options() const {
  return {.color = color_, .width = columns_of(STDOUT_FILENO)};
}

void Terminal::print_summary(const model::RunRecord& record, const std::string& directory) const {
  if (output_ == Output::kJson) {
    (void)reports::descriptor_writer(STDOUT_FILENO)(reports::json_end_line(record, directory));
  } else {
    print(summary(record, directory));
  }
}

void Terminal::print(const std::string& text) const {
  if (output_ == Output::kText) {
    (void)reports::descriptor_writer(STDOUT_FILENO)(text);
  }
}

model::ExitCode Terminal::without_run(model::ExitCode code) const {
  if (output_ == Output::kJson) {
    (void)reports::descriptor_writer(STDOUT_FILENO)(reports::json_refusal_line(code));
  }
  return code;
}

}  // namespace squall::app
