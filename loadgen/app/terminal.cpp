#include "loadgen/app/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/core.h>

#include "loadgen/app/registries.hpp"
#include "loadgen/base/text.hpp"
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

// One line, and why when it is not a pass.
std::string quiet_summary(const model::RunRecord& record, const std::string& directory) {
  std::string text = fmt::format("{} (exit {}): {}\n", model::to_string(record.verdict),
                                 static_cast<int>(record.exit_code), directory);
  const bool told = record.verdict == model::Verdict::kPass;
  for (const std::string& reason : told ? std::vector<std::string>() : record.reasons) {
    text += fmt::format("  - {}\n", printable(reason, 400));
  }
  return text;
}

}  // namespace

Terminal::Terminal(Verbosity verbosity, Color color)
    : verbosity_(verbosity),
      allowed_(color),
      color_(color == Color::kAuto &&
             reports::live_options_for(STDOUT_FILENO, quietness_of(verbosity)).color) {}

std::unique_ptr<model::ProgressView> Terminal::make_view() const {
  reports::LiveOptions options = reports::live_options_for(STDERR_FILENO, quietness_of(verbosity_));
  options.color = options.color && allowed_ == Color::kAuto;
  return std::make_unique<reports::TerminalView>(std::move(options),
                                                 reports::descriptor_writer(STDERR_FILENO));
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
  print(summary(record, directory));
}

void Terminal::print(const std::string& text) const {
  (void)reports::descriptor_writer(STDOUT_FILENO)(text);
}

}  // namespace squall::app
