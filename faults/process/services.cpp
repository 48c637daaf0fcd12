#include "faults/process/services.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "faults/process/child_process.hpp"
#include "faults/process/guardian_link.hpp"
#include "faults/process/log_tail.hpp"
#include "faults/process/program_search.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/net/http_client.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Between two readiness requests; also how often stop_requested is asked.
constexpr Duration kReadinessTick = milliseconds(25);
// Of one readiness request: a service that hangs while it starts must not eat the whole
// ready_timeout.
constexpr Duration kProbeTimeout = seconds(1);
// For the guardian to fork and the program to be loaded.
constexpr Duration kStartTimeout = seconds(10);
constexpr std::size_t kQuotedLines = 12;

net::ClientRequest readiness_request(const std::string& ready) {
  net::ClientRequest request;
  const std::size_t blank = ready.find(' ');
  if (blank == std::string::npos) {
    request.url = ready;
  } else {
    request.method = ready.substr(0, blank);
    request.url = std::string(trim(std::string_view(ready).substr(blank)));
  }
  return request;
}

// Names come from plans: one never leaves the log directory.
std::string file_name_of(std::string_view service) {
  std::string name(service);
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (!plain) {
      c = '_';
    }
  }
  return name + ".log";
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

Result<void> Services::start_all(const std::vector<model::Service>& services) {
  SQUALL_CHECK(entries_.empty());
  for (const model::Service& service : services) {
    Result<void> started = start_one(service);
    if (!started) {
      return started;
    }
  }
  return {};
}

Result<void> Services::ensure_guardian() {
  if (guardian_) {
    return {};
  }
  std::error_code problem;
  std::filesystem::create_directories(options_.log_directory, problem);
  if (problem) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot make {}: {}", options_.log_directory, problem.message()));
  }
  auto guardian = GuardianLink::start(options_.guardian_program);
  if (!guardian) {
    return fail(guardian.error());
  }
  guardian_ = std::move(*guardian);
  return {};
}

Result<void> Services::start_one(const model::Service& service) {
  const std::string context = fmt::format("service {}", service.name);
  const auto located = [&](Error error) {
    error.where = service.where.file.empty() ? std::nullopt : std::optional(service.where);
    return fail(with_context(std::move(error), context));
  };
  if (service.command.empty()) {
    return located({ErrorCode::kInvalidArgument, "the command is empty", {}});
  }
  const Result<std::string> program =
      find_program(service.command[0], options_.program_directory, options_.working_directory);
  if (!program) {
    return located(program.error());
  }
  if (Result<void> ready = ensure_guardian(); !ready) {
    return ready;
  }
  const std::uint64_t id = next_id_++;
  GuardianCommand command;
  command.kind = GuardianCommand::Kind::kStart;
  command.id = id;
  command.argv = service.command;
  command.argv[0] = std::filesystem::absolute(*program).string();
  command.directory = options_.working_directory;
  command.environment = service.environment;
  command.log = log_path(service.name);
  entries_[id].name = service.name;
  Result<void> done =
      guardian_->send(command).and_then([&] { return wait_until_started(id); }).and_then([&] {
        return wait_until_ready(service, id);
      });
  if (!done) {
    return located(done.error());
  }
  return {};
}

Result<void> Services::wait_until_started(std::uint64_t id) {
  const Entry& entry = entries_[id];
  const TimePoint deadline = monotonic_now() + kStartTimeout;
  while (entry.pid == 0 && entry.problem.empty()) {
    if (guardian_->is_gone() || monotonic_now() > deadline) {
      return fail(ErrorCode::kUnavailable, "the guardian process is gone or does not answer");
    }
    take_reports(kReadinessTick);
  }
  if (!entry.problem.empty()) {
    return fail(ErrorCode::kNotFound, entry.problem);
  }
  return {};
}

Result<void> Services::wait_until_ready(const model::Service& service, std::uint64_t id) {
  if (service.ready.empty()) {
    return {};
  }
  const Entry& entry = entries_[id];
  net::ClientRequest request = readiness_request(service.ready);
  request.tls = service.ready_tls;
  const TimePoint deadline = monotonic_now() + service.ready_timeout;
  std::string last_answer;
  while (!entry.exit) {
    if (options_.stop_requested && options_.stop_requested()) {
      return fail(ErrorCode::kUnavailable, "stopped while it was starting");
    }
    const Duration left = deadline - monotonic_now();
    if (left <= Duration::zero() || guardian_->is_gone()) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("not ready after {}: {}{}", format_duration(service.ready_timeout),
                              last_answer, quoted_log(service.name)));
    }
    request.timeout = std::min(kProbeTimeout, left);
    const Result<net::ClientResponse> answer = net::send(request);
    if (answer && answer->status >= 200 && answer->status < 300) {
      // Another program may hold the port while ours has failed to bind it and is about to leave.
      take_reports(Duration::zero());
      if (!entry.exit) {
        return {};
      }
      break;
    }
    // That the end of the waiting cut the last request short says nothing about the service.
    const bool cut_short = !answer && request.timeout < kProbeTimeout;
    if (!cut_short || last_answer.empty()) {
      last_answer = answer ? fmt::format("{} answered {}", request.url, answer->status)
                           : answer.error().message;
    }
    take_reports(kReadinessTick);
  }
  return fail(exited_early(entry));
}

Error Services::exited_early(const Entry& entry) const {
  const int status = entry.exit.value_or(0);
  const char* hint = status == 0 ? "; run it in the foreground" : "";
  return {ErrorCode::kUnavailable,
          fmt::format("{} before it was ready{}{}", describe_wait_status(status), hint,
                      quoted_log(entry.name)),
          {}};
}

std::string Services::quoted_log(const std::string& name) const {
  const std::string path = log_path(name);
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

void Services::take_reports(Duration timeout) {
  if (!guardian_) {
    return;
  }
  for (const GuardianReport& report : guardian_->receive(timeout)) {
    take_report(report);
  }
}

void Services::take_report(const GuardianReport& report) {
  const auto at = entries_.find(report.id);
  switch (report.kind) {
    case GuardianReport::Kind::kStarted:
      if (at != entries_.end()) {
        at->second.pid = report.pid;
      }
      return;
    case GuardianReport::Kind::kNotStarted:
      if (at != entries_.end()) {
        at->second.problem = report.problem;
      }
      return;
    case GuardianReport::Kind::kExited:
      if (at != entries_.end()) {
        at->second.exit = report.wait_status;
        events_.push_back(
            {report.at, at->second.name,
             fmt::format("{} {}", at->second.name, describe_wait_status(report.wait_status))});
      }
      return;
    case GuardianReport::Kind::kUndone:
      if (!report.problem.empty() || report.wait_status != 0) {
        events_.push_back(
            {report.at, "undo",
             fmt::format("an undo command failed: {}",
                         report.problem.empty() ? describe_wait_status(report.wait_status)
                                                : report.problem)});
      }
      return;
    case GuardianReport::Kind::kEnded:
      if (!report.problem.empty()) {
        events_.push_back({report.at, "guardian", report.problem});
      }
      return;
  }
}

std::vector<ServiceEvent> Services::poll() {
  take_reports(Duration::zero());
  if (guardian_ && guardian_->is_gone() && !guardian_loss_told_) {
    guardian_loss_told_ = true;
    events_.push_back(
        {monotonic_now(), "guardian", "the guardian process died, and the services with it"});
  }
  return std::exchange(events_, {});
}

Result<void> Services::signal(std::string_view name, int signal_number) {
  take_reports(Duration::zero());
  GuardianCommand command;
  command.kind = GuardianCommand::Kind::kSignal;
  command.signal = signal_number;
  if (running(name, command.id) == nullptr) {
    return fail(ErrorCode::kNotFound, fmt::format("no service {} is running", printable(name)));
  }
  return guardian_->send(command);
}

Result<std::uint64_t> Services::add_undo(const std::vector<std::string>& command) {
  if (Result<void> ready = ensure_guardian(); !ready) {
    return fail(ready.error());
  }
  GuardianCommand message;
  message.kind = GuardianCommand::Kind::kAddUndo;
  message.id = next_id_++;
  message.argv = command;
  message.log = options_.log_directory + "/undo.log";
  return guardian_->send(message).map([&] { return message.id; });
}

Result<void> Services::forget_undo(std::uint64_t handle) {
  if (!guardian_) {
    return fail(ErrorCode::kNotFound, "no undo command is registered");
  }
  GuardianCommand message;
  message.kind = GuardianCommand::Kind::kForgetUndo;
  message.id = handle;
  return guardian_->send(message);
}

std::vector<ServiceEvent> Services::stop_all() {
  if (!guardian_) {
    return {};
  }
  // What happened before was for poll(); exits from here on are what was asked for.
  std::vector<ServiceEvent> before = poll();
  for (const GuardianReport& report : guardian_->end()) {
    if (report.kind != GuardianReport::Kind::kExited) {
      take_report(report);
    } else if (const auto at = entries_.find(report.id); at != entries_.end()) {
      at->second.exit = report.wait_status;
    }
  }
  guardian_.reset();
  return std::exchange(events_, std::move(before));
}

std::optional<pid_t> Services::pid_of(std::string_view name) const {
  std::uint64_t id = 0;
  const Entry* entry = running(name, id);
  return entry != nullptr ? std::optional(entry->pid) : std::nullopt;
}

const Services::Entry* Services::running(std::string_view name, std::uint64_t& id) const {
  for (const auto& [entry_id, entry] : entries_) {
    if (guardian_ && entry.name == name && entry.pid != 0 && !entry.exit) {
      id = entry_id;
      return &entry;
    }
  }
  return nullptr;
}

std::string Services::log_path(std::string_view name) const {
  return options_.log_directory + "/" + file_name_of(name);
}

}  // namespace squall::faults
