// What actions do to services: Services as a ServiceControl.
#include <algorithm>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "faults/process/child_process.hpp"
#include "faults/process/guardian_calls.hpp"
#include "faults/process/process_tree.hpp"
#include "faults/process/resource_limits.hpp"
#include "faults/process/services.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

// How often a pause looks whether the run was asked to stop.
constexpr Duration kPauseTick = std::chrono::milliseconds(25);

tl::unexpected<Error> unknown(std::string_view process) {
  return fail(ErrorCode::kNotFound, fmt::format("no service {} is running", printable(process)));
}

// How a command ended that was to exit with some code.
Result<void> judged(const model::HookCommand& command, const Result<int>& wait_status) {
  if (!wait_status) {
    return fail(with_context(wait_status.error(), command.command.front()));
  }
  if (*wait_status != command.exit_code << 8) {
    const std::string wanted =
        command.exit_code != 0 ? fmt::format(", not {}", command.exit_code) : "";
    return fail(ErrorCode::kUnavailable, fmt::format("{} {}{}", printable(command.command.front()),
                                                     describe_wait_status(*wait_status), wanted));
  }
  return {};
}

}  // namespace

Result<void> Services::signal(const std::string& process, int signal_number, model::ExitIs exit) {
  if (!pid_of(process)) {
    return unknown(process);
  }
  GuardianCommand command;
  command.kind = GuardianCommand::Kind::kSignal;
  command.signal = signal_number;
  {
    const std::lock_guard lock(mutex_);
    Process& found = *find(process);
    command.id = found.id;
    found.exit_planned = found.exit_planned || exit == model::ExitIs::kPlanned;
  }
  return guardian_->tell(command);
}

Result<void> Services::stop(const std::string& process, int signal_number, Duration patience) {
  GuardianCommand command;
  command.kind = GuardianCommand::Kind::kStop;
  command.signal = signal_number;
  command.limit = patience;
  {
    const std::lock_guard lock(mutex_);
    Process* found = find(process);
    if (!guardian_ || found == nullptr || found->id == 0) {
      return unknown(process);
    }
    command.id = found->id;
    found->exit_planned = true;
  }
  const Result<GuardianReport> answer = guardian_->ask(command, patience + kAnswerLimit);
  if (!answer) {
    return fail(with_context(answer.error(), "stopping " + process));
  }
  return {};
}

Result<void> Services::start(const std::string& process) {
  if (is_running(process)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} runs already", printable(process)));
  }
  Process* found = find(process);
  if (!guardian_ || found == nullptr) {
    return unknown(process);
  }
  Result<void> done =
      launch(*found).and_then([&] { return wait_until_ready(*found, Heed::kNothing); });
  if (!done) {
    return fail(with_context(done.error(), process));
  }
  return {};
}

Result<model::ResourceLimits> Services::change_limits(const std::string& process,
                                                      const model::ResourceLimits& limits) {
  const std::optional<pid_t> pid = pid_of(process);
  if (!pid) {
    return unknown(process);
  }
  Result<model::ResourceLimits> before = faults::change_limits(*pid, limits);
  if (!before) {
    return before;
  }
  std::vector<std::pair<pid_t, model::ResourceLimits>> changed = {{*pid, *before}};
  std::set<pid_t> others = ProcessTable::read().tree_of(*pid);
  others.erase(*pid);
  for (const pid_t other : others) {
    const auto done = faults::change_limits(other, limits);
    if (done) {
      changed.emplace_back(other, *done);
    } else if (is_alive(other)) {
      for (const auto& [one, old] : changed) {
        static_cast<void>(faults::change_limits(one, old));
      }
      return fail(done.error());
    }
    // One that has left since has nothing to be limited.
  }
  return before;
}

Result<GuardianCommand> Services::hook_program(const model::HookCommand& command) const {
  model::Service nobody;
  nobody.environment = command.environment;
  Result<GuardianCommand> program = program_of(nobody, command.command);
  if (program) {
    program->log = log_path(command.log_name);
    program->limit = command.timeout;
  }
  return program;
}

Result<void> Services::run(const model::HookCommand& command) {
  if (Result<void> ready = ensure_guardian(); !ready) {
    return ready;
  }
  Result<GuardianCommand> program = hook_program(command);
  if (!program) {
    return fail(program.error());
  }
  return judged(command, run_to_end(std::move(*program), [this] { return stop_requested(); }));
}

Result<std::uint64_t> Services::add_undo(const model::HookCommand& command) {
  if (Result<void> ready = ensure_guardian(); !ready) {
    return fail(ready.error());
  }
  Result<GuardianCommand> message = hook_program(command);
  if (!message) {
    return fail(message.error());
  }
  message->kind = GuardianCommand::Kind::kAddUndo;
  message->id = guardian_->next_id();
  if (Result<void> sent = guardian_->tell(*message); !sent) {
    return fail(sent.error());
  }
  const std::lock_guard lock(mutex_);
  undos_.emplace(message->id, command);
  return message->id;
}

Result<void> Services::run_undo(std::uint64_t handle) {
  model::HookCommand undo;
  {
    const std::lock_guard lock(mutex_);
    const auto found = undos_.find(handle);
    if (found == undos_.end()) {
      return fail(ErrorCode::kNotFound, "that undo command has been run");
    }
    undo = found->second;
    undos_.erase(found);
  }
  GuardianCommand message;
  message.kind = GuardianCommand::Kind::kRunUndo;
  message.id = handle;
  const Result<GuardianReport> end = guardian_->ask(message, undo.timeout + kAnswerLimit);
  if (!end) {
    return fail(with_context(end.error(), undo.command.front()));
  }
  return judged(undo, end->problem.empty() ? Result<int>(end->wait_status)
                                           : fail(ErrorCode::kUnavailable, end->problem));
}

bool Services::pause(Duration time) {
  const TimePoint deadline = monotonic_now() + time;
  while (!stop_requested()) {
    const Duration left = deadline - monotonic_now();
    if (left <= Duration::zero()) {
      return true;
    }
    std::this_thread::sleep_for(std::min<Duration>(left, kPauseTick));
  }
  return false;
}

}  // namespace squall::faults
