// This test program is its own helper: started as "squall_process_test __helper ROLE …" it plays a
// service, or a squall.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace squall::faults::testing {

inline constexpr const char* kHelperArgument = "__helper";

// Plays the role that the arguments ask for; empty when they ask for none.
//   brood FILE       ignores SIGTERM, forks a child and a daemon (setsid, double fork) that do
//                    too; all append their pids
//   serve PORT CODE  answers every HTTP request with the status CODE
//   squall DIR       starts two broods and registers an undo command, says "up" on stdout, then
//                    hangs
std::optional<int> run_as_helper(int argc, char** argv);

// The command line of a role.
std::vector<std::string> helper_command(std::vector<std::string> role);

// Whole numbers, one per line; empty when there is no file.
std::vector<pid_t> pids_in(const std::string& file);

// From /proc/PID/stat: the parent, and the state ('R', 'S', 'T', …; '-' when there is no such
// process).
pid_t parent_of(pid_t pid);
char state_of(pid_t pid);

}  // namespace squall::faults::testing
