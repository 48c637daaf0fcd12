// Which processes stem from which, as /proc shows it.
#pragma once

#include <sys/types.h>

#include <set>

namespace squall::faults {

// Every living process that stems from `root`, `root` itself left out; zombies are not living. A
// snapshot: a process that is forked while /proc is read may be missing, so whoever must catch all
// repeats it. Any thread.
[[nodiscard]] std::set<pid_t> descendants_of(pid_t root);

// False for pids that do not exist and for zombies.
[[nodiscard]] bool is_alive(pid_t pid);

}  // namespace squall::faults
