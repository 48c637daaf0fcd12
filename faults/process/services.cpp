#include "faults/process/services.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "faults/process/child_process.hpp"
#include "faults/process/guardian_calls.hpp"
#include "faults/process/log_tail.hpp"
#include "faults/process/program_search.hpp"
#include "faults/process/readiness.hpp"
#include "faults/process/service_clock.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Between two readiness requests; also how often stop_requested is asked.
constexpr Duration kReadinessTick = milliseconds(25);
// Of one readiness request: a service that hangs while it starts must not eat the whole
// ready_timeout.
constexpr Duration kProbeTimeout = seconds(1);
// The same of a command, which has a program to load.
constexpr Duration kProbeCommandTimeout = seconds(5);
// What the guardian needs at worst beside the patience that plans give to services and commands.
constexpr Duration kEndLimit = seconds(20);
constexpr std::size_t kQuotedLines = 12;

// Names come from plans: one never leaves the log directory.
std::string file_name_of(std::string_view name) {
  std::string file(name);
  for (char& c : file) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (!plain) {
      c = '_';
    }
  }
  return file + ".log";
}

Error located(Error error, const model::Service& service) {
  error.where = service.where.file.empty() ? std::nullopt : std::optional(service.where);
  return with_context(std::move(error), "service " + service.label());
}

}  // namespace

Services::Services(ServiceOptions options) : options_(std::move(options)) {
  if (options_.program_directory.empty()) {
    options_.program_directory = own_program_directory();
  }
  if (options_.guardian_program.empty()) {
    options_.guardian_program = "/proc/self/exe";
  }
}

Services::~Services() {
  static_cast<void>(stop_all());
}

bool Services::stop_requested() const {
  return options_.stop_requested && options_.stop_requested();
}

Result<void> Services::start_all(const std::vector<model::Service>& services) {
  SQUALL_CHECK(processes_.empty());
  for (const model::Service& service : services) {
    if (Result<void> started = start_first(service); !started) {
      return fail(located(started.error(), service));
    }
  }
  return {};
}

Result<void> Services::ensure_guardian() {
  const std::lock_guard lock(mutex_);
  if (guardian_) {
    return {};
  }
  std::error_code problem;
  std::filesystem::create_directories(options_.log_directory, problem);
  if (problem) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot make {}: {}", options_.log_directory, problem.message()));
  }
  auto guardian = GuardianCalls::start(options_.guardian_program);
  if (!guardian) {
    return fail(guardian.error());
  }
  guardian_ = std::move(*guardian);
  return {};
}

Result<void> Services::start_first(const model::Service& service) {
  // A program that is missing is told before anything is prepared for it.
  if (const auto program = program_of(service, service.command); !program) {
    return fail(program.error());
  }
  if (Result<void> ready = ensure_guardian(); !ready) {
    return ready;
  }
  Process* process = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto [at, fresh] = processes_.try_emplace(service.label());
    SQUALL_CHECK(fresh);
    process = &at->second;
    process->service = service;
  }
  return make_directory(service)
      .and_then([&] { return prepare(service); })
      .and_then([&] { return launch(*process); })
      .and_then([&] { return wait_until_ready(*process, Heed::kStop); });
}

Result<void> Services::make_directory(const model::Service& service) {
  if (service.data_directory.empty()) {
    return {};
  }
  GuardianCommand command;
  command.kind = GuardianCommand::Kind::kMakeDirectory;
  command.id = guardian_->next_id();
  command.directory = service.data_directory;
  command.user = service.user;
  const Result<GuardianReport> answer = guardian_->ask(command, kAnswerLimit);
  if (!answer) {
    return fail(answer.error());
  }
  if (!answer->problem.empty()) {
    return fail(ErrorCode::kIo, answer->problem);
  }
  return {};
}

Result<void> Services::prepare(const model::Service& service) {
  const std::string log = log_path(service.label() + ".prepare");
  for (const model::PreparedCommand& step : service.prepare) {
    Result<GuardianCommand> command = program_of(service, step.command);
    if (!command) {
      return fail(with_context(command.error(), "prepare"));
    }
    command->log = log;
    command->limit = step.timeout;
    // The limits are those of the service, not of what makes its data.
    command->limits = {};
    const Result<int> end = run_to_end(std::move(*command), [this] { return stop_requested(); });
    if (!end || *end != 0) {
      Error error = end ? Error{ErrorCode::kUnavailable, describe_wait_status(*end)} : end.error();
      error.message += quoted_log(log);
      return fail(with_context(std::move(error), "prepare " + step.command.front()));
    }
  }
  return {};
}

Result<GuardianCommand> Services::program_of(const model::Service& service,
                                             const std::vector<std::string>& command) const {
  if (command.empty()) {
    return fail(ErrorCode::kInvalidArgument, "the command is empty");
  }
  const Result<std::string> program =
      find_program(command[0], options_.program_directory, options_.working_directory);
  if (!program) {
    return fail(program.error());
  }
  GuardianCommand message;
  message.argv = command;
  message.argv[0] = std::filesystem::absolute(*program).string();
  message.directory = service.directory.empty() ? options_.working_directory : service.directory;
  message.environment = service.environment;
  message.user = service.user;
  message.limits = service.limits;
  return message;
}

Result<void> Services::launch(Process& process) {
  const model::Service& service = process.service;
  Result<GuardianCommand> command = program_of(service, service.command);
  if (!command) {
    return fail(command.error());
  }
  command->kind = GuardianCommand::Kind::kStart;
  command->id = guardian_->next_id();
  command->log = log_path(service.label());
  if (service.moves_clock) {
    give_clock(process, *command);
  }
  command->signal = service.stop_signal;
  command->limit = service.stop_timeout;
  {
    const std::lock_guard lock(mutex_);
    process.id = command->id;
    process.pid = 0;
    process.exit.reset();
    process.exit_planned = false;
  }
  const Result<GuardianReport> answer = guardian_->ask(*command, kAnswerLimit);
  if (!answer) {
    return fail(answer.error());
  }
  if (answer->kind != GuardianReport::Kind::kStarted) {
    return fail(ErrorCode::kNotFound, answer->problem);
  }
  const std::lock_guard lock(mutex_);
  process.pid = answer->pid;
  return {};
}

Result<void> Services::probe(const Process& process, Duration timeout, Heed heed) {
  const model::Service& service = process.service;
  if (service.ready_command.empty()) {
    return probe_readiness(service, std::min(kProbeTimeout, timeout));
  }
  Result<GuardianCommand> command = program_of(service, service.ready_command);
  if (!command) {
    return fail(command.error());
  }
  command->limits = {};
  command->log = log_path(service.label() + ".ready");
  command->limit = std::min(kProbeCommandTimeout, timeout);
  const Result<int> end = run_to_end(std::move(*command), [&] {
    return (heed == Heed::kStop && stop_requested()) || exit_of(process).has_value();
  });
  if (!end) {
    return fail(with_context(end.error(), service.ready_command.front()));
  }
  if (*end != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} {}", service.ready_command.front(), describe_wait_status(*end)));
  }
  return {};
}

Result<void> Services::wait_until_ready(const Process& process, Heed heed) {
  const model::Service& service = process.service;
  if (service.ready.empty() && service.ready_command.empty()) {
    return {};
  }
  const TimePoint deadline = monotonic_now() + service.ready_timeout;
  std::string last_answer;
  while (true) {
    if (const auto exit = exit_of(process)) {
      return fail(exited_early(process, *exit));
    }
    if (heed == Heed::kStop && stop_requested()) {
      return fail(ErrorCode::kUnavailable, "stopped while it was starting");
    }
    const Duration left = deadline - monotonic_now();
    if (left <= Duration::zero() || guardian_->is_gone()) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("not ready after {}: {}{}", format_duration(service.ready_timeout),
                              last_answer, quoted_log(log_path(service.label()))));
    }
    const Result<void> answer = probe(process, left, heed);
    if (answer) {
      // Another program may hold the port while ours has failed to bind it and is about to leave.
      const auto exit = exit_of(process);
      return exit ? fail(exited_early(process, *exit)) : Result<void>();
    }
    // That the end of the waiting cut the last request short says nothing about the service.
    if (left >= kProbeTimeout || last_answer.empty()) {
      last_answer = answer.error().message;
    }
    guardian_->wait(kReadinessTick);
  }
}

Error Services::exited_early(const Process& process, int wait_status) const {
  const char* hint = wait_status == 0 ? "; run it in the foreground" : "";
  return {ErrorCode::kUnavailable,
          fmt::format("{} before it was ready{}{}", describe_wait_status(wait_status), hint,
                      quoted_log(log_path(process.service.label()))),
          {}};
}

std::string Services::quoted_log(const std::string& path) const {
  const std::vector<std::string> lines = last_lines(path, kQuotedLines);
  if (lines.empty()) {
    return fmt::format("; it wrote nothing to {}", path);
  }
  std::string text = fmt::format("; last lines of {}:", path);
  for (const std::string& line : lines) {
    text += "\n  | " + printable(line, 400);
  }
  return text;
}

Result<int> Services::run_to_end(GuardianCommand command, const std::function<bool()>& give_up) {
  command.kind = GuardianCommand::Kind::kRun;
  command.id = guardian_->next_id();
  const Result<GuardianReport> end =
      guardian_->ask(command, command.limit + kAnswerLimit, [&, cut = false]() mutable {
        if (!cut && give_up()) {
          cut = true;
          GuardianCommand cancel;
          cancel.kind = GuardianCommand::Kind::kCancel;
          cancel.id = command.id;
          static_cast<void>(guardian_->tell(cancel));
        }
      });
  if (!end) {
    return fail(end.error());
  }
  if (!end->problem.empty()) {
    return fail(ErrorCode::kUnavailable, end->problem);
  }
  return end->wait_status;
}

void Services::take_news() {
  if (!guardian_) {
    return;
  }
  const std::lock_guard news_lock(news_mutex_);
  for (const GuardianReport& report : guardian_->news()) {
    take_report(report);
  }
}

void Services::take_report(const GuardianReport& report) {
  const std::lock_guard lock(mutex_);
  if (report.kind == GuardianReport::Kind::kExited) {
    for (auto& [label, process] : processes_) {
      if (process.id == report.id) {
        process.exit = report.wait_status;
        events_.push_back({report.at, label,
                           fmt::format("{} {}{}", label, describe_wait_status(report.wait_status),
                                       process.exit_planned ? ", as planned" : ""),
                           process.exit_planned});
      }
    }
  } else if (report.kind == GuardianReport::Kind::kUndone) {
    const auto undo = undos_.find(report.id);
    const std::string command = undo != undos_.end() ? undo->second.command.front() : "a command";
    if (!report.problem.empty() || report.wait_status != 0) {
      events_.push_back(
          {report.at, "undo",
           fmt::format(
               "undo failed: {}: {}", printable(command),
               report.problem.empty() ? describe_wait_status(report.wait_status) : report.problem),
           false, true});
    }
  } else if (report.kind == GuardianReport::Kind::kEnded && !report.problem.empty()) {
    events_.push_back({report.at, "guardian", report.problem, false, true});
  }
}

std::optional<int> Services::exit_of(const Process& process) {
  take_news();
  const std::lock_guard lock(mutex_);
  return process.exit;
}

std::vector<ServiceEvent> Services::poll() {
  take_news();
  const bool gone = guardian_ && guardian_->is_gone();
  const std::lock_guard lock(mutex_);
  if (gone && !guardian_loss_told_) {
    guardian_loss_told_ = true;
    events_.push_back(
        {monotonic_now(), "guardian", "the guardian process died, and the services with it"});
  }
  return std::exchange(events_, {});
}

Services::Process* Services::find(std::string_view process) {
  const auto at = processes_.find(process);
  return at != processes_.end() ? &at->second : nullptr;
}

const model::Service& Services::described(const std::string& process) const {
  const auto at = processes_.find(process);
  SQUALL_CHECK(at != processes_.end());
  return at->second.service;
}

bool Services::is_running(const std::string& process) {
  return pid_of(process).has_value();
}

std::optional<pid_t> Services::pid_of(std::string_view process) {
  take_news();
  const std::lock_guard lock(mutex_);
  const Process* found = find(process);
  const bool runs = guardian_ && found != nullptr && found->pid != 0 && !found->exit;
  return runs ? std::optional(found->pid) : std::nullopt;
}

std::vector<ServiceEvent> Services::stop_all() {
  if (!guardian_) {
    return {};
  }
  // What happened before was for poll(); exits from here on are what was asked for.
  std::vector<ServiceEvent> before = poll();
  Duration limit = kEndLimit;
  Duration patience{};
  for (const auto& [label, process] : processes_) {
    patience = std::max(patience, process.service.stop_timeout);
  }
  for (const auto& [handle, undo] : undos_) {
    limit += undo.timeout;
  }
  for (const GuardianReport& report : guardian_->end(limit + patience)) {
    if (report.kind != GuardianReport::Kind::kExited) {
      take_report(report);
    }
  }
  const std::lock_guard lock(mutex_);
  guardian_.reset();
  undos_.clear();
  return std::exchange(events_, std::move(before));
}

std::string Services::log_path(std::string_view process) const {
  return options_.log_directory + "/" + file_name_of(process);
}

}  // namespace squall::faults
