#include "faults/process/child_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "faults/process/resource_limits.hpp"
#include "faults/process/user.hpp"
#include "loadgen/base/check.hpp"

namespace squall::faults {
namespace {

std::string system_message(int problem) {
  return std::system_category().message(problem);
}

bool names_variable(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry[name.size()] == '=' &&
         entry.substr(0, name.size()) == name;
}

std::vector<std::string> merged_environment(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    bool replaced = false;
    for (const auto& [name, value] : added) {
      replaced = replaced || names_variable(*entry, name);
    }
    if (!replaced) {
      merged.emplace_back(*entry);
    }
  }
  for (const auto& [name, value] : added) {
    merged.push_back(fmt::format("{}={}", name, value));
  }
  return merged;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

void reset_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    ::sigaction(signal, &standard, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// Tells the parent why the program does not run; a closed pipe without a word means that it does.
[[noreturn]] void give_up(int problem_fd) {
  const int problem = errno;
  const ssize_t written = ::write(problem_fd, &problem, sizeof problem);
  ::_exit(written == sizeof problem ? 127 : 126);
}

bool become_user(const UserIds& user) {
  return ::setgroups(user.groups.size(), user.groups.data()) == 0 && ::setgid(user.gid) == 0 &&
         ::setuid(user.uid) == 0;
}

// What fork() leaves to do, with everything that needs memory made before it.
struct Program {
  pid_t parent;
  int log_fd;
  int problem_fd;
  char** argv;
  char** envp;
};

[[noreturn]] void become_program(const ChildSpec& spec, const std::optional<UserIds>& user,
                                 const Program& program) {
  ::setsid();
  const int null_fd = ::open("/dev/null", O_RDONLY);
  if (null_fd < 0 || ::dup2(null_fd, 0) < 0 || ::dup2(program.log_fd, 1) < 0 ||
      ::dup2(program.log_fd, 2) < 0) {
    give_up(program.problem_fd);
  }
  if (!spec.directory.empty() && ::chdir(spec.directory.c_str()) != 0) {
    give_up(program.problem_fd);
  }
  if (!apply_limits(spec.limits) || (user && !become_user(*user))) {
    give_up(program.problem_fd);
  }
  // Behind the change of user, which takes the wish back. The parent may have died before the
  // kernel knew that we want to hear of it.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != program.parent) {
    give_up(program.problem_fd);
  }
  reset_signals();
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execvpe(program.argv[0], program.argv, program.envp);
  give_up(program.problem_fd);
}

// The plan's own variables win over those of the user.
std::vector<std::pair<std::string, std::string>> environment_of(
    const ChildSpec& spec, const std::optional<UserIds>& user) {
  if (!user) {
    return spec.environment;
  }
  std::vector<std::pair<std::string, std::string>> all = {
      {"HOME", user->home}, {"USER", user->name}, {"LOGNAME", user->name}};
  for (const auto& added : spec.environment) {
    std::erase_if(all, [&](const auto& entry) { return entry.first == added.first; });
    all.push_back(added);
  }
  return all;
}

}  // namespace

Result<pid_t> start_child(const ChildSpec& spec) {
  SQUALL_CHECK(!spec.argv.empty());
  std::vector<std::string> words = spec.argv;
  const Result<std::optional<UserIds>> user = user_to_become(spec.user);
  if (!user) {
    return fail(user.error());
  }
  std::vector<std::string> variables = merged_environment(environment_of(spec, *user));
  std::vector<char*> argv = pointers_to(words);
  std::vector<char*> envp = pointers_to(variables);
  const int log_fd = ::open(spec.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log_fd < 0) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot write {}: {}", spec.log, system_message(errno)));
  }
  std::array<int, 2> problem_pipe{};
  if (::pipe2(problem_pipe.data(), O_CLOEXEC) != 0) {
    ::close(log_fd);
    return fail(ErrorCode::kExhausted, "cannot make a pipe: " + system_message(errno));
  }
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become_program(spec, *user, {self, log_fd, problem_pipe[1], argv.data(), envp.data()});
  }
  const int fork_problem = errno;
  ::close(log_fd);
  ::close(problem_pipe[1]);
  int problem = 0;
  ssize_t length = 0;
  if (pid > 0) {
    do {
      length = ::read(problem_pipe[0], &problem, sizeof problem);
    } while (length < 0 && errno == EINTR);
  }
  ::close(problem_pipe[0]);
  if (pid < 0) {
    return fail(ErrorCode::kExhausted, "cannot fork: " + system_message(fork_problem));
  }
  if (length == sizeof problem) {
    ::waitpid(pid, nullptr, 0);
    return fail(problem == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                fmt::format("cannot run {}: {}", spec.argv[0], system_message(problem)));
  }
  return pid;
}

std::string describe_wait_status(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    const char* description = ::sigdescr_np(signal);
    return fmt::format("was killed by signal {} ({})", signal,
                       description != nullptr ? description : "unknown");
  }
  return fmt::format("exited with status {}", WEXITSTATUS(wait_status));
}

}  // namespace squall::faults
