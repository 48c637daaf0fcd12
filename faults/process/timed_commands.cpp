#include "faults/process/timed_commands.hpp"

#include <csignal>
#include <fstream>
#include <utility>

#include <fmt/core.h>

#include "faults/process/process_tree.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/units.hpp"

namespace squall::faults {

std::optional<GuardianReport> TimedCommands::start(const Order& order) {
  Running running{order, monotonic_now() + order.limit, {}, {}};
  const Result<pid_t> pid = order.program.argv.empty()
                                ? fail(ErrorCode::kInvalidArgument, "the command is empty")
                                : start_child(order.program);
  if (!pid) {
    return report_of(running, 0, pid.error().message);
  }
  running_.emplace(*pid, std::move(running));
  return std::nullopt;
}

std::optional<GuardianReport> TimedCommands::reaped(pid_t pid, int wait_status) {
  const auto at = running_.find(pid);
  if (at == running_.end()) {
    return std::nullopt;
  }
  GuardianReport report = report_of(at->second, wait_status, at->second.killed);
  report.pid = pid;
  running_.erase(at);
  return report;
}

// An undo that fails when squall is dead can be told nowhere but in its log.
GuardianReport TimedCommands::report_of(const Running& running, int wait_status,
                                        std::string problem) {
  if (!problem.empty() || wait_status != 0) {
    std::ofstream log(running.order.program.log, std::ios::app);
    log << "squall: "
        << (running.order.program.argv.empty() ? "a command" : running.order.program.argv[0])
        << ": " << (problem.empty() ? describe_wait_status(wait_status) : problem) << '\n';
  }
  GuardianReport report;
  report.kind = running.order.kind;
  report.id = running.order.id;
  report.wait_status = wait_status;
  report.problem = std::move(problem);
  return report;
}

void TimedCommands::kill_tree(pid_t pid, Running& running, std::string why) {
  if (running.killed.empty()) {
    running.killed = std::move(why);
  }
  const ProcessTable table = ProcessTable::read();
  running.tree = table.tree_of(pid, std::move(running.tree));
  for (const pid_t member : running.tree) {
    if (table.lives(member)) {
      ::kill(member, SIGKILL);
    }
  }
}

void TimedCommands::enforce(TimePoint now) {
  for (auto& [pid, running] : running_) {
    if (now >= running.deadline) {
      kill_tree(
          pid, running,
          fmt::format("took longer than {} and was killed", format_duration(running.order.limit)));
    }
  }
}

void TimedCommands::cancel(std::uint64_t id) {
  for (auto& [pid, running] : running_) {
    if (running.order.id == id) {
      kill_tree(pid, running, "was cut short");
    }
  }
}

void TimedCommands::cancel_all(GuardianReport::Kind kind) {
  for (auto& [pid, running] : running_) {
    if (running.order.kind == kind) {
      kill_tree(pid, running, "was cut short");
    }
  }
}

bool TimedCommands::has(GuardianReport::Kind kind) const {
  for (const auto& [pid, running] : running_) {
    if (running.order.kind == kind) {
      return true;
    }
  }
  return false;
}

}  // namespace squall::faults
