// Ends a program and everything that stems from it.
#pragma once

#include <sys/types.h>

#include <set>

#include "faults/process/process_tree.hpp"
#include "loadgen/base/time.hpp"

namespace squall::faults {

// How a tree of processes is asked to end, and until when it may take.
struct StopManner {
  int signal = 15;
  Duration patience = std::chrono::seconds(1);  // then SIGKILL
};

// Asks each process once with the signal, the root first (and wakes it, as a stopped process would
// never see it), and kills what is left after the patience. Processes that the root leaves behind
// when it dies still belong to it by their session; daemons that have left that too do not. One
// thread, of a process that may signal them.
class TreeStop {
 public:
  TreeStop(pid_t root, const StopManner& manner, TimePoint now)
      : root_(root), signal_(manner.signal), deadline_(now + manner.patience), members_{root} {}

  // Signals what needs it by now. True when nothing of the tree lives. To be repeated every few
  // milliseconds: a snapshot misses what is forked meanwhile.
  [[nodiscard]] bool advance(const ProcessTable& table, TimePoint now);

  // Living or dead, the root too.
  [[nodiscard]] const std::set<pid_t>& members() const { return members_; }
  [[nodiscard]] TimePoint deadline() const { return deadline_; }

 private:
  pid_t root_;
  int signal_;
  TimePoint deadline_;
  std::set<pid_t> members_;
  std::set<pid_t> asked_;
};

}  // namespace squall::faults
