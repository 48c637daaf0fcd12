#include "loadgen/app/signals.hpp"

#include <unistd.h>
#include <csignal>

#include "loadgen/model/verdict.hpp"

namespace squall::app {
namespace {

run::StopSignal* stop_signal = nullptr;

// Async-signal-safe: a lock-free store or _exit.
void on_signal(int number) {
  if (stop_signal->raised()) {
    ::_exit(128 + number);
  }
  stop_signal->raise(number);
}

// abort() is a broken invariant or an exception that nobody caught: the documented code instead of
// a signal's.
void on_abort(int /*number*/) {
  ::_exit(static_cast<int>(model::ExitCode::kInternal));
}

}  // namespace

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
