#include "faults/process/guardian.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "faults/process/child_process.hpp"
#include "faults/process/guardian_protocol.hpp"
#include "faults/process/line_channel.hpp"
#include "faults/process/process_tree.hpp"
#include "faults/process/timed_commands.hpp"
#include "faults/process/tree_stop.hpp"
#include "faults/process/user.hpp"
#include "loadgen/base/clock.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Of orphans that belong to no service, from SIGTERM to SIGKILL.
constexpr Duration kGrace = seconds(1);
// What does not die of SIGKILL within this time hangs in the kernel; waiting longer helps nobody.
constexpr Duration kGiveUp = seconds(10);
// Between two looks at /proc while something is to end.
constexpr milliseconds kEndingTick{10};
// Between two looks at the limits of running commands.
constexpr milliseconds kCommandTick{20};

struct RunningService {
  pid_t pid = 0;
  StopManner manner;
};

class Guardian {
 public:
  Guardian(int control_fd, int child_signal_fd)
      : channel_(control_fd), child_signal_fd_(child_signal_fd) {}

  int serve();

 private:
  void obey(const GuardianCommand& command);
  void start(const GuardianCommand& command);
  void signal_tree(const GuardianCommand& command) const;
  void stop(const GuardianCommand& command);
  void run(const TimedCommands::Order& order);
  void run_undo(std::uint64_t id);
  void make_directory(const GuardianCommand& command);
  void report(GuardianReport report);
  void wait_for_news(milliseconds timeout) const;
  [[nodiscard]] milliseconds patience() const;
  void tick();
  void reap();
  void reap_one(pid_t pid, int wait_status);
  void end();
  void undo_everything();
  void stop_everything();
  void stop_orphans(const ProcessTable& table, bool insist);
  [[nodiscard]] std::string remove_directories() const;

  LineChannel channel_;
  int child_signal_fd_;
  bool end_asked_ = false;
  bool childless_ = true;                             // as of the last reap()
  std::map<std::uint64_t, RunningService> services_;  // by the id squall gave them
  std::map<std::uint64_t, pid_t> last_pids_;          // of those that have ended too
  std::map<std::uint64_t, TreeStop> stopping_;        // by the service's id
  std::vector<TimedCommands::Order> undos_;           // in order of registration
  TimedCommands commands_;
  std::set<pid_t> orphans_asked_;
  std::vector<std::string> directories_;
};

int Guardian::serve() {
  while (!end_asked_ && !channel_.is_closed()) {
    wait_for_news(patience());
    reap();
    tick();
    for (const std::string& line : channel_.receive()) {
      const Result<GuardianCommand> command = decode_command(line);
      if (command) {
        obey(*command);
      }
    }
  }
  end();
  return childless_ ? 0 : 1;
}

milliseconds Guardian::patience() const {
  if (!stopping_.empty()) {
    return kEndingTick;
  }
  return commands_.is_empty() ? milliseconds(-1) : kCommandTick;
}

void Guardian::tick() {
  commands_.enforce(monotonic_now());
  if (stopping_.empty()) {
    return;
  }
  const ProcessTable table = ProcessTable::read();
  for (auto at = stopping_.begin(); at != stopping_.end();) {
    const bool gone = at->second.advance(table, monotonic_now()) && !services_.contains(at->first);
    if (gone) {
      GuardianReport news;
      news.kind = GuardianReport::Kind::kStopped;
      news.id = at->first;
      report(std::move(news));
      at = stopping_.erase(at);
    } else {
      ++at;
    }
  }
}

void Guardian::wait_for_news(milliseconds timeout) const {
  std::array<pollfd, 2> fds = {
      {{child_signal_fd_, POLLIN, 0}, {channel_.is_closed() ? -1 : channel_.fd(), POLLIN, 0}}};
  ::poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
  if ((fds[0].revents & POLLIN) != 0) {
    signalfd_siginfo info{};
    while (::read(child_signal_fd_, &info, sizeof info) == sizeof info) {
    }
  }
}

void Guardian::obey(const GuardianCommand& command) {
  const auto order = [&](GuardianReport::Kind kind) {
    return TimedCommands::Order{kind, command.id, command.limit, command.program()};
  };
  switch (command.kind) {
    case GuardianCommand::Kind::kStart:
      start(command);
      return;
    case GuardianCommand::Kind::kSignal:
      signal_tree(command);
      return;
    case GuardianCommand::Kind::kStop:
      stop(command);
      return;
    case GuardianCommand::Kind::kRun:
      run(order(GuardianReport::Kind::kRan));
      return;
    case GuardianCommand::Kind::kCancel:
      commands_.cancel(command.id);
      return;
    case GuardianCommand::Kind::kAddUndo:
      undos_.push_back(order(GuardianReport::Kind::kUndone));
      return;
    case GuardianCommand::Kind::kRunUndo:
      run_undo(command.id);
      return;
    case GuardianCommand::Kind::kForgetUndo:
      std::erase_if(undos_, [&](const auto& undo) { return undo.id == command.id; });
      return;
    case GuardianCommand::Kind::kMakeDirectory:
      make_directory(command);
      return;
    case GuardianCommand::Kind::kEnd:
      end_asked_ = true;
      return;
  }
}

void Guardian::start(const GuardianCommand& command) {
  GuardianReport answer;
  answer.id = command.id;
  const Result<pid_t> pid = command.argv.empty()
                                ? fail(ErrorCode::kInvalidArgument, "the command is empty")
                                : start_child(command.program());
  if (pid) {
    const StopManner standard;
    services_[command.id] = {
        *pid,
        {command.signal != 0 ? command.signal : standard.signal,
         command.limit > Duration::zero() ? command.limit : standard.patience}};
    last_pids_[command.id] = *pid;
    answer.kind = GuardianReport::Kind::kStarted;
    answer.pid = *pid;
  } else {
    answer.kind = GuardianReport::Kind::kNotStarted;
    answer.problem = pid.error().message;
  }
  report(std::move(answer));
}

void Guardian::signal_tree(const GuardianCommand& command) const {
  const auto service = services_.find(command.id);
  if (service == services_.end()) {
    return;
  }
  const pid_t root = service->second.pid;
  // What was forked while we looked must not go on; any other signal would also reach those that
  // it made to be forked.
  const bool again = command.signal == SIGSTOP || command.signal == SIGCONT;
  std::set<pid_t> reached;
  bool grown = true;
  while (grown) {
    // All of it is looked up first: a service that dies of the signal leaves its children to us,
    // and then they can no longer be told from those of another service.
    const std::set<pid_t> tree = ProcessTable::read().tree_of(root, reached);
    const std::size_t before = reached.size();
    const auto reach = [&](pid_t pid) {
      if (reached.insert(pid).second) {
        ::kill(pid, command.signal);
      }
    };
    reach(root);
    std::for_each(tree.begin(), tree.end(), reach);
    grown = again && reached.size() > before;
  }
}

void Guardian::stop(const GuardianCommand& command) {
  const auto pid = last_pids_.find(command.id);
  // The number of a process that has been waited for may be another's by now.
  const bool known =
      pid != last_pids_.end() && (services_.contains(command.id) || !is_alive(pid->second));
  if (known) {
    stopping_.insert_or_assign(
        command.id, TreeStop(pid->second, {command.signal, command.limit}, monotonic_now()));
    tick();
    return;
  }
  GuardianReport news;
  news.kind = GuardianReport::Kind::kStopped;
  news.id = command.id;
  report(std::move(news));
}

void Guardian::run(const TimedCommands::Order& order) {
  if (std::optional<GuardianReport> failed = commands_.start(order)) {
    report(std::move(*failed));
  }
  childless_ = false;
}

void Guardian::run_undo(std::uint64_t id) {
  const auto at =
      std::find_if(undos_.begin(), undos_.end(), [&](const auto& undo) { return undo.id == id; });
  if (at != undos_.end()) {
    const TimedCommands::Order order = std::move(*at);
    undos_.erase(at);
    run(order);
  }
}

void Guardian::make_directory(const GuardianCommand& command) {
  GuardianReport answer;
  answer.kind = GuardianReport::Kind::kMade;
  answer.id = command.id;
  const Result<std::optional<UserIds>> user = user_to_become(command.user);
  if (!user) {
    answer.problem = user.error().message;
  } else if (::mkdir(command.directory.c_str(), 0700) != 0) {
    answer.problem = fmt::format("cannot make {}: {}", command.directory,
                                 std::generic_category().message(errno));
  } else {
    directories_.push_back(command.directory);
    if (*user && ::chown(command.directory.c_str(), (*user)->uid, (*user)->gid) != 0) {
      answer.problem = fmt::format("cannot give {} to {}: {}", command.directory, command.user,
                                   std::generic_category().message(errno));
    }
  }
  report(std::move(answer));
}

void Guardian::report(GuardianReport report) {
  report.at = monotonic_now();
  channel_.send(encode(report));
}

void Guardian::reap() {
  while (true) {
    int wait_status = 0;
    const pid_t pid = ::waitpid(-1, &wait_status, WNOHANG);
    if (pid <= 0) {
      childless_ = pid < 0 && errno == ECHILD;
      return;
    }
    reap_one(pid, wait_status);
  }
}

void Guardian::reap_one(pid_t pid, int wait_status) {
  if (std::optional<GuardianReport> ended = commands_.reaped(pid, wait_status)) {
    report(std::move(*ended));
    return;
  }
  const auto service = std::find_if(services_.begin(), services_.end(),
                                    [&](const auto& entry) { return entry.second.pid == pid; });
  if (service == services_.end()) {
    return;  // an orphan that a service left behind
  }
  GuardianReport news;
  news.pid = pid;
  news.wait_status = wait_status;
  news.kind = GuardianReport::Kind::kExited;
  news.id = service->first;
  services_.erase(service);
  report(std::move(news));
}

void Guardian::end() {
  reap();
  undo_everything();
  stop_everything();
  GuardianReport last;
  last.kind = GuardianReport::Kind::kEnded;
  if (!childless_) {
    last.problem = fmt::format("{} processes survived SIGKILL", descendants_of(::getpid()).size());
  }
  if (const std::string left = remove_directories(); !left.empty()) {
    last.problem += (last.problem.empty() ? "" : "; ") + left;
  }
  report(std::move(last));
}

// Before the services end: what an undo puts right may be one of them, and it has to run for that.
// A hook that is still at work would undo the undo.
void Guardian::undo_everything() {
  commands_.cancel_all(GuardianReport::Kind::kRan);
  for (const pid_t pid : descendants_of(::getpid())) {
    ::kill(pid, SIGCONT);
  }
  while (!undos_.empty() || !commands_.is_empty()) {
    if (commands_.is_empty()) {
      run_undo(undos_.back().id);
    }
    if (!commands_.is_empty()) {
      wait_for_news(kEndingTick);
    }
    reap();
    commands_.enforce(monotonic_now());
  }
}

// Every living descendant is a child of ours or stems from a living child of ours, because orphans
// come to the subreaper. So "no children" (ECHILD) proves that nothing is left, which no look at
// /proc could.
void Guardian::stop_everything() {
  const TimePoint start = monotonic_now();
  TimePoint last = start + kGrace;
  for (const auto& [id, service] : services_) {
    const auto at = stopping_.try_emplace(id, service.pid, service.manner, start).first;
    last = std::max(last, at->second.deadline());
  }
  reap();
  while (!childless_ && monotonic_now() < last + kGiveUp) {
    const ProcessTable table = ProcessTable::read();
    const TimePoint now = monotonic_now();
    for (auto& [id, stop] : stopping_) {
      static_cast<void>(stop.advance(table, now));
    }
    stop_orphans(table, now >= start + kGrace);
    wait_for_news(kEndingTick);
    reap();
  }
}

void Guardian::stop_orphans(const ProcessTable& table, bool insist) {
  std::set<pid_t> orphans = table.descendants_of({::getpid()});
  for (const auto& [id, stop] : stopping_) {
    for (const pid_t member : stop.members()) {
      orphans.erase(member);
    }
  }
  for (const pid_t pid : orphans) {
    if (insist) {
      ::kill(pid, SIGKILL);
    } else if (orphans_asked_.insert(pid).second) {
      ::kill(pid, SIGTERM);
      ::kill(pid, SIGCONT);
    }
  }
}

std::string Guardian::remove_directories() const {
  std::string problems;
  for (const std::string& directory : directories_) {
    std::error_code problem;
    std::filesystem::remove_all(directory, problem);
    if (problem) {
      problems += fmt::format("{}cannot remove {}: {}", problems.empty() ? "" : "; ", directory,
                              problem.message());
    }
  }
  return problems;
}

}  // namespace

int guardian_main(int control_fd) {
  if (::fcntl(control_fd, F_GETFD) < 0) {
    return 2;
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    ::sigaction(signal, &ignore, nullptr);
  }
  ::prctl(PR_SET_NAME, "squall-guardian");
  sigset_t child_signal;
  sigemptyset(&child_signal);
  sigaddset(&child_signal, SIGCHLD);
  ::pthread_sigmask(SIG_BLOCK, &child_signal, nullptr);
  const int child_signal_fd = ::signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK);
  if (child_signal_fd < 0 || ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    return 2;
  }
  const int code = Guardian(control_fd, child_signal_fd).serve();
  ::close(child_signal_fd);
  return code;
}

std::optional<int> run_as_guardian(int argc, const char* const* argv) {
  if (argc != 3 || argv[1] != kGuardianArgument) {
    return std::nullopt;
  }
  const std::string_view text = argv[2];
  int control_fd = -1;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), control_fd);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return 2;
  }
  return guardian_main(control_fd);
}

}  // namespace squall::faults
