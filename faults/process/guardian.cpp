#include "faults/process/guardian.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "faults/process/child_process.hpp"
#include "faults/process/guardian_protocol.hpp"
#include "faults/process/line_channel.hpp"
#include "faults/process/process_tree.hpp"
#include "loadgen/base/clock.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// SIGTERM to SIGKILL. With what scanning /proc and dying take, everything is gone well within two
// seconds.
constexpr Duration kGrace = seconds(1);
// An undo command that takes longer is killed, so that a hanging one cannot keep the guardian for
// ever.
constexpr Duration kUndoLimit = seconds(5);
// What does not die of SIGKILL within this time hangs in the kernel; waiting longer helps nobody.
constexpr Duration kGiveUp = seconds(10);
// Between two looks at /proc while ending.
constexpr milliseconds kEndingTick{10};

struct Undo {
  std::uint64_t id = 0;
  ChildSpec spec;
};

struct RunningUndo {
  std::uint64_t id = 0;
  pid_t pid = 0;
  TimePoint started;
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
  void report(GuardianReport report);
  void wait_for_news(milliseconds timeout) const;
  void reap();
  void reap_one(pid_t pid, int wait_status);
  void end();
  void signal_leftovers(bool insist);
  void go_on_undoing();
  [[nodiscard]] std::set<pid_t> undo_tree() const;

  LineChannel channel_;
  int child_signal_fd_;
  bool end_asked_ = false;
  bool childless_ = true;                    // as of the last reap()
  std::map<pid_t, std::uint64_t> services_;  // running ones, to the id squall gave them
  std::vector<Undo> undos_;                  // in order of registration
  std::optional<RunningUndo> running_undo_;
  std::set<pid_t> asked_to_end_;
};

int Guardian::serve() {
  while (!end_asked_ && !channel_.is_closed()) {
    wait_for_news(milliseconds(-1));
    reap();
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
  switch (command.kind) {
    case GuardianCommand::Kind::kStart:
      start(command);
      return;
    case GuardianCommand::Kind::kSignal:
      signal_tree(command);
      return;
    case GuardianCommand::Kind::kAddUndo:
      undos_.push_back({command.id, {command.argv, command.environment, command.log}});
      return;
    case GuardianCommand::Kind::kForgetUndo:
      std::erase_if(undos_, [&](const Undo& undo) { return undo.id == command.id; });
      return;
    case GuardianCommand::Kind::kEnd:
      end_asked_ = true;
      return;
  }
}

void Guardian::start(const GuardianCommand& command) {
  GuardianReport answer;
  answer.id = command.id;
  const Result<pid_t> pid =
      command.argv.empty()
          ? fail(ErrorCode::kInvalidArgument, "the command is empty")
          : start_child({command.argv, command.environment, command.log, command.directory});
  if (pid) {
    services_[*pid] = command.id;
    answer.kind = GuardianReport::Kind::kStarted;
    answer.pid = *pid;
  } else {
    answer.kind = GuardianReport::Kind::kNotStarted;
    answer.problem = pid.error().message;
  }
  report(std::move(answer));
}

void Guardian::signal_tree(const GuardianCommand& command) const {
  for (const auto& [pid, id] : services_) {
    if (id != command.id) {
      continue;
    }
    // The descendants are looked up first: a service that dies of the signal leaves its children to
    // us, and then they can no longer be told from those of another service.
    const std::set<pid_t> descendants = descendants_of(pid);
    ::kill(pid, command.signal);
    for (const pid_t descendant : descendants) {
      ::kill(descendant, command.signal);
    }
  }
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
  GuardianReport news;
  news.pid = pid;
  news.wait_status = wait_status;
  if (running_undo_ && running_undo_->pid == pid) {
    news.kind = GuardianReport::Kind::kUndone;
    news.id = running_undo_->id;
    running_undo_.reset();
    report(std::move(news));
    return;
  }
  const auto service = services_.find(pid);
  if (service == services_.end()) {
    return;  // an orphan that a service left behind
  }
  news.kind = GuardianReport::Kind::kExited;
  news.id = service->second;
  services_.erase(service);
  report(std::move(news));
}

// Every living descendant is a child of ours or stems from a living child of ours, because orphans
// come to the subreaper. So "no children" (ECHILD) proves that nothing is left, which no look at
// /proc could.
void Guardian::end() {
  const TimePoint start = monotonic_now();
  reap();
  while (!childless_ || !undos_.empty()) {
    const Duration elapsed = monotonic_now() - start;
    go_on_undoing();
    const bool undoing = running_undo_.has_value() || !undos_.empty();
    if (elapsed > kGiveUp && !undoing) {
      break;
    }
    signal_leftovers(elapsed >= kGrace);
    wait_for_news(kEndingTick);
    reap();
  }
  GuardianReport last;
  last.kind = GuardianReport::Kind::kEnded;
  if (!childless_) {
    last.problem = fmt::format("{} processes survived SIGKILL", descendants_of(::getpid()).size());
  }
  report(std::move(last));
}

void Guardian::signal_leftovers(bool insist) {
  const std::set<pid_t> spared = undo_tree();
  for (const pid_t pid : descendants_of(::getpid())) {
    if (spared.contains(pid)) {
      continue;
    }
    if (insist) {
      ::kill(pid, SIGKILL);
    } else if (asked_to_end_.insert(pid).second) {
      ::kill(pid, SIGTERM);
      ::kill(pid, SIGCONT);  // a stopped process would never see the SIGTERM
    }
  }
}

void Guardian::go_on_undoing() {
  if (running_undo_) {
    if (monotonic_now() - running_undo_->started > kUndoLimit) {
      for (const pid_t pid : undo_tree()) {
        ::kill(pid, SIGKILL);
      }
    }
    return;
  }
  if (undos_.empty()) {
    return;
  }
  const Undo undo = std::move(undos_.back());
  undos_.pop_back();
  const Result<pid_t> pid = undo.spec.argv.empty()
                                ? fail(ErrorCode::kInvalidArgument, "the command is empty")
                                : start_child(undo.spec);
  if (pid) {
    running_undo_ = RunningUndo{undo.id, *pid, monotonic_now()};
    childless_ = false;
    return;
  }
  GuardianReport news;
  news.kind = GuardianReport::Kind::kUndone;
  news.id = undo.id;
  news.problem = pid.error().message;
  report(std::move(news));
}

std::set<pid_t> Guardian::undo_tree() const {
  if (!running_undo_) {
    return {};
  }
  std::set<pid_t> tree = descendants_of(running_undo_->pid);
  tree.insert(running_undo_->pid);
  return tree;
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
