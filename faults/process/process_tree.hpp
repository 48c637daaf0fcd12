// Which processes stem from which, as /proc shows it.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>

namespace squall::faults {

// The living processes of one moment, zombies left out. A value; any thread.
class ProcessTable {
 public:
  // Empty when /proc cannot be read.
  [[nodiscard]] static ProcessTable read();

  // Everything that stems from `roots`, the roots themselves left out.
  [[nodiscard]] std::set<pid_t> descendants_of(const std::set<pid_t>& roots) const;
  // Everything that belongs to `root`, which leads a session: `root`, living or not, its session
  // and what stems from either; and the same of `known`, which were found to belong to it before.
  // What has been left by its parent is still of the session; a daemon that has left that too, and
  // was not known, is not.
  [[nodiscard]] std::set<pid_t> tree_of(pid_t root, std::set<pid_t> known = {}) const;
  [[nodiscard]] bool lives(pid_t pid) const { return processes_.contains(pid); }

 private:
  struct Process {
    pid_t parent = 0;
    pid_t session = 0;
  };
  std::map<pid_t, Process> processes_;
};

// Every living process that stems from `root`, `root` itself left out; zombies are not living. A
// snapshot: a process that is forked while /proc is read may be missing, so whoever must catch all
// repeats it. Any thread.
[[nodiscard]] std::set<pid_t> descendants_of(pid_t root);

// False for pids that do not exist and for zombies.
[[nodiscard]] bool is_alive(pid_t pid);

}  // namespace squall::faults
