#include "loadgen/app/signals.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/model/verdict.hpp"
#include "reports/live/screen.hpp"

namespace squall::app {
namespace {

run::StopSignal* stop_signal = nullptr;

// What a second signal says; written whole before the first one can be told of it.
constexpr std::size_t kMostText = 1024;
char farewell[kMostText] = "\nsquall: ended at once by a second signal\n";
std::atomic<std::size_t> farewell_bytes{std::char_traits<char>::length(farewell)};

// Two signals so close together are one wish: timeout(1) signals its child and then the whole
// process group, that child included. No hand is as fast.
constexpr Duration kOneWish = std::chrono::milliseconds(100);
std::atomic<Duration::rep> first_signal{0};

std::atomic<int> screen{-1};         // the descriptor whose alternate screen is in use; -1: none
std::atomic<bool> stopping{false};   // by ^Z: the normal screen is back
std::atomic<bool> suspended{false};  // it went on, and nobody has entered the screen again

// What would leave the terminal with the wrong screen, and what is done about them without one.
constexpr std::array<int, 6> kScreenSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGTSTP};
std::array<struct sigaction, kScreenSignals.size()> inherited_actions{};

// Async-signal-safe, as the functions below it.
void write_screen(std::string_view sequence) {
  if (const int fd = screen.load(); fd >= 0) {
    (void)!::write(fd, sequence.data(), sequence.size());
  }
}

void give_screen_back() {
  if (!stopping.load() && !suspended.load()) {
    write_screen(reports::kLeaveScreen);
  }
  screen.store(-1);
}

void on_crash(int number) {
  give_screen_back();
  std::signal(number, SIG_DFL);
  ::raise(number);
}

void on_suspend(int /*number*/) {
  const int error = errno;
  const bool was_left = suspended.load();
  stopping.store(true);
  if (!was_left) {
    write_screen(reports::kLeaveScreen);
  }
  ::raise(SIGSTOP);
  // Perhaps in the background: who draws enters the screen again when it may.
  suspended.store(true);
  stopping.store(false);
  errno = error;
}

// Async-signal-safe: lock-free stores and clock_gettime, or write and _exit.
void on_signal(int number) {
  const Duration::rep now = monotonic_now().time_since_epoch().count();
  if (stop_signal->raised()) {
    if (now - first_signal.load() < kOneWish.count()) {
      return;
    }
    give_screen_back();
    (void)!::write(STDERR_FILENO, farewell, farewell_bytes.load());
    ::_exit(128 + number);
  }
  first_signal.store(now);
  stop_signal->raise(number);
}

// abort() is a broken invariant or an exception that nobody caught: the documented code instead of
// a signal's.
void on_abort(int /*number*/) {
  give_screen_back();
  ::_exit(static_cast<int>(model::ExitCode::kInternal));
}

}  // namespace

void name_results(const std::string& directory) {
  const std::string text = fmt::format(
      "\nsquall: ended at once by a second signal; `squall report {}` shows what was measured\n",
      printable(directory));
  farewell_bytes.store(0);
  std::copy_n(text.begin(), std::min(text.size(), kMostText), farewell);
  farewell_bytes.store(std::min(text.size(), kMostText));
}

void own_screen(int fd) {
  for (std::size_t i = 0; i < kScreenSignals.size(); ++i) {
    if (fd < 0) {
      sigaction(kScreenSignals[i], &inherited_actions[i], nullptr);
      continue;
    }
    struct sigaction action {};
    sigemptyset(&action.sa_mask);
    action.sa_handler = kScreenSignals[i] == SIGTSTP ? on_suspend : on_crash;
    action.sa_flags = SA_RESTART;
    sigaction(kScreenSignals[i], &action, &inherited_actions[i]);
    if (inherited_actions[i].sa_handler == SIG_IGN) {
      sigaction(kScreenSignals[i], &inherited_actions[i], nullptr);
    }
  }
  screen.store(fd);
}

bool screen_is_given_back() {
  return stopping.load();
}

bool take_suspension() {
  return suspended.exchange(false);
}

void handle_signals(run::StopSignal& stop) {
  stop_signal = &stop;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM}) {
    sigaction(number, &action, nullptr);
  }
  // Whoever started squall under nohup wants it to outlive the terminal.
  struct sigaction inherited {};
  if (sigaction(SIGHUP, nullptr, &inherited) != 0 || inherited.sa_handler != SIG_IGN) {
    sigaction(SIGHUP, &action, nullptr);
  }
  action.sa_handler = on_abort;
  sigaction(SIGABRT, &action, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  sigaction(SIGXFSZ, &ignore, nullptr);
}

}  // namespace squall::app
