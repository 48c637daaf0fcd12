// The seam between actions on the timeline and the services of a run.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/clock_move.hpp"
#include "loadgen/model/service.hpp"

namespace squall::model {

// A command that an action runs: from the plan's folder, with squall's environment, its output in a
// log of its own.
struct HookCommand {
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;
  Duration timeout{};    // after which it and what it started is killed
  int exit_code = 0;     // anything else is a failure
  std::string log_name;  // "action-flush": the file services/action-flush.log
};

enum class ExitIs : std::uint8_t { kPlanned, kUnplanned };

// What can be done to the services of a run while it goes on. A process is named by its
// Service::label(). Calls block until what they ask for has happened; the timeline's thread or any
// other. A failure says what and why in one sentence.
class ServiceControl {
 public:
  virtual ~ServiceControl() = default;

  // Reaches the process and everything that stems from it. kPlanned: if it ends now, that is what
  // was meant, and the run goes on. kNotFound when it does not run.
  virtual Result<void> signal(const std::string& process, int signal, ExitIs exit) = 0;
  // Ends it, which is planned: the signal, SIGKILL after `patience`; returns when nothing of it is
  // left. No failure when it has ended already.
  virtual Result<void> stop(const std::string& process, int signal, Duration patience) = 0;
  // Starts it anew as the plan says, without its preparation, and waits until it is ready.
  // kInvalidArgument when it runs already.
  virtual Result<void> start(const std::string& process) = 0;
  [[nodiscard]] virtual bool is_running(const std::string& process) = 0;
  // Of the process and everything that stems from it. Gives what the limits of the process were.
  virtual Result<ResourceLimits> change_limits(const std::string& process,
                                               const ResourceLimits& limits) = 0;
  // Moves the wall clock that the process, and what stems from it, sees. Fails, with the reason,
  // when its program cannot be reached. REQUIRES: its Service::moves_clock.
  virtual Result<void> move_clock(const std::string& process, const ClockMove& move) = 0;
  // Shows it the true time again. Fails when it never asked for the time since move_clock():
  // nothing of that move did anything.
  virtual Result<void> restore_clock(const std::string& process) = 0;
  // What the plan says of that process; REQUIRES: the plan has it.
  [[nodiscard]] virtual const Service& described(const std::string& process) const = 0;

  // Runs a command to its end; fails unless it exits with its exit code within its time.
  virtual Result<void> run(const HookCommand& command) = 0;
  // Leaves a command with the guardian, which runs it when squall dies or ends without having
  // called run_undo(). Returns a handle.
  virtual Result<std::uint64_t> add_undo(const HookCommand& command) = 0;
  // Runs it now, once; fails as run() does.
  virtual Result<void> run_undo(std::uint64_t handle) = 0;

  // Waits. False when the run was asked to stop meanwhile, at once.
  [[nodiscard]] virtual bool pause(Duration time) = 0;
};

}  // namespace squall::model
