// The guardian: squall executed once more as a small process that owns everything squall starts, so
// that nothing outlives squall, however squall ends.
//
//   squall ──socketpair──► guardian (subreaper, own session) ──► service ──► its children, daemons
//   …
#pragma once

#include <optional>
#include <string_view>

namespace squall::faults {

// The hidden first argument that turns a program into a guardian; the second is the descriptor of
// its control socket.
inline constexpr std::string_view kGuardianArgument = "__guardian";

// Serves the GuardianCommands that come in on `control_fd` until a kEnd comes or the other end of
// the socket is gone, which is what squall's death by any signal looks like. Then it
//   1. kills the commands that run, wakes what is stopped, and runs the registered undo commands,
//      the youngest first, each for no longer than its limit, while the services still live;
//   2. asks every service to end with its own signal (SIGTERM unless it has one) and every other
//      process that stems from it with SIGTERM, kills what is left after the service's patience
//      (one second unless it has one), and repeats that until nothing is left;
//   3. removes the directories that it made.
// As a subreaper it is the ancestor of every daemon that its services fork off, so none escapes.
// Ignores SIGINT, SIGTERM and SIGHUP: it ends when squall does. Returns the exit code of the
// process. Takes the descriptor. REQUIRES: called from main(), nothing else running in the process.
[[nodiscard]] int guardian_main(int control_fd);

// For the first line of main(): when the program was started as a guardian, is one and returns the
// exit code.
[[nodiscard]] std::optional<int> run_as_guardian(int argc, const char* const* argv);

}  // namespace squall::faults
