// ^C and friends.
#pragma once

#include <string>

#include "loadgen/run/stop_signal.hpp"

namespace squall::app {

// From now on the first SIGINT, SIGTERM or SIGHUP raises `stop` (the run drains and reports), and
// the second says so and ends the process at once with 128 + its number; the guardian then ends the
// services. What comes within 100 ms of the first belongs to it. abort() ends with the exit code of
// an internal error. SIGPIPE and SIGXFSZ are ignored: a closed stdout and a full disk are errors of
// a write. `stop` must live as long as the process.
void handle_signals(run::StopSignal& stop);

// Where the run that is beginning keeps its results: what a second signal names when it ends the
// process. Any thread but a handler.
void name_results(const std::string& directory);

// From now on, until it is called with -1, the alternate screen of the terminal behind `fd` is in
// use: whatever ends the process gives the normal screen back first, and so does ^Z until the
// process goes on. Only SIGKILL leaves it as it is. Any thread but a handler.
void own_screen(int fd);
// Whether ^Z has given the normal screen back and the process is about to stop.
[[nodiscard]] bool screen_is_given_back();
// Whether the process was stopped by ^Z and went on since the last call: the normal screen is still
// there, and somebody else may have written to it.
[[nodiscard]] bool take_suspension();

}  // namespace squall::app
