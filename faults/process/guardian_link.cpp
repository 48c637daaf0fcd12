#include "faults/process/guardian_link.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include "faults/process/guardian.hpp"
#include "loadgen/base/clock.hpp"

namespace squall::faults {
namespace {

// The guardian's control socket in its own process.
constexpr int kControlFd = 3;

// posix_spawn, not fork: squall has threads.
int spawn_guardian(const std::string& program, int control_fd, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, control_fd, kControlFd);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, kControlFd + 1);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  // A session of its own: the terminal's ^C and hang-up reach squall alone.
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = "squall";
  std::string argument(kGuardianArgument);
  std::string fd_text = std::to_string(kControlFd);
  std::array<char*, 4> argv = {name.data(), argument.data(), fd_text.data(), nullptr};
  const int problem =
      ::posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return problem;
}

}  // namespace

Result<std::unique_ptr<GuardianLink>> GuardianLink::start(const std::string& program) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(ErrorCode::kExhausted,
                "cannot make a socket pair: " + std::system_category().message(errno));
  }
  pid_t pid = 0;
  const int problem = spawn_guardian(program, ends[1], pid);
  ::close(ends[1]);
  if (problem != 0) {
    ::close(ends[0]);
    return fail(ErrorCode::kUnavailable, "cannot start the guardian (" + program +
                                             "): " + std::system_category().message(problem));
  }
  return std::unique_ptr<GuardianLink>(new GuardianLink(ends[0], pid));
}

GuardianLink::~GuardianLink() {
  static_cast<void>(end());
}

Result<void> GuardianLink::send(const GuardianCommand& command) {
  const Result<std::string> line = encode(command);
  if (!line) {
    return fail(line.error());
  }
  if (!channel_.send(*line)) {
    return fail(ErrorCode::kUnavailable, "the guardian process is gone");
  }
  return {};
}

std::vector<GuardianReport> GuardianLink::receive(Duration timeout) {
  std::vector<std::string> lines = channel_.receive();
  if (lines.empty() && timeout > Duration::zero() && !channel_.is_closed()) {
    channel_.wait(timeout);
    lines = channel_.receive();
  }
  std::vector<GuardianReport> reports;
  for (const std::string& line : lines) {
    Result<GuardianReport> report = decode_report(line);
    if (report) {
      reports.push_back(std::move(*report));
    }
  }
  return reports;
}

std::vector<GuardianReport> GuardianLink::end(Duration limit) {
  std::vector<GuardianReport> reports;
  if (ended_) {
    return reports;
  }
  ended_ = true;
  static_cast<void>(send(GuardianCommand{}));
  const TimePoint deadline = monotonic_now() + limit;
  while (!channel_.is_closed() && monotonic_now() < deadline) {
    for (GuardianReport& report : receive(std::chrono::milliseconds(100))) {
      reports.push_back(std::move(report));
    }
  }
  wait_for_exit();
  return reports;
}

void GuardianLink::wait_for_exit() {
  if (!channel_.is_closed()) {
    ::kill(pid_, SIGKILL);
  }
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace squall::faults
