// Commands that the guardian runs to their end: hooks, preparation, undo.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "faults/process/child_process.hpp"
#include "faults/process/guardian_protocol.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::faults {

// Each with a limit, after which it and everything that stems from it is killed. One thread: the
// guardian's.
class TimedCommands {
 public:
  // `kind`: of the report at its end, kRan or kUndone.
  struct Order {
    GuardianReport::Kind kind = GuardianReport::Kind::kRan;
    std::uint64_t id = 0;
    Duration limit{};
    ChildSpec program;
  };
  // The report when it cannot even be started.
  [[nodiscard]] std::optional<GuardianReport> start(const Order& order);
  // The report when `pid` was one of them.
  [[nodiscard]] std::optional<GuardianReport> reaped(pid_t pid, int wait_status);
  // Kills what is over its limit.
  void enforce(TimePoint now);
  // Kills the one with that id, or all of a kind.
  void cancel(std::uint64_t id);
  void cancel_all(GuardianReport::Kind kind);

  [[nodiscard]] bool has(GuardianReport::Kind kind) const;
  [[nodiscard]] bool is_empty() const { return running_.empty(); }

 private:
  struct Running {
    Order order;
    TimePoint deadline{};
    std::string killed;  // why, when it was
    std::set<pid_t> tree;
  };
  static void kill_tree(pid_t pid, Running& running, std::string why);
  static GuardianReport report_of(const Running& running, int wait_status, std::string problem);

  std::map<pid_t, Running> running_;
};

}  // namespace squall::faults
