#include "faults/process/tree_stop.hpp"

#include <csignal>
#include <utility>

namespace squall::faults {

bool TreeStop::advance(const ProcessTable& table, TimePoint now) {
  members_ = table.tree_of(root_, std::move(members_));
  bool alive = false;
  const auto signal_one = [&](pid_t pid) {
    if (!table.lives(pid)) {
      return;
    }
    alive = true;
    if (now >= deadline_) {
      ::kill(pid, SIGKILL);
    } else if (asked_.insert(pid).second) {
      ::kill(pid, signal_);
      ::kill(pid, SIGCONT);
    }
  };
  signal_one(root_);
  for (const pid_t pid : members_) {
    if (pid != root_) {
      signal_one(pid);
    }
  }
  return !alive;
}

}  // namespace squall::faults
