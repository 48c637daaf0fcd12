#include "loadgen/app/signals.hpp"

#include <csignal>
#include <unistd.h>

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

}  // namespace

void handle_signals(run::StopSignal& stop) {
  stop_signal = &stop;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    sigaction(number, &action, nullptr);
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
}

}  // namespace squall::app
