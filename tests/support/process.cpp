#include "tests/support/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>

#include "loadgen/base/check.hpp"
#include "tests/support/eventually.hpp"

namespace squall::test {
namespace {

// The null-terminated array that exec() takes. Borrows the texts.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : changes) {
    variables.push_back(name + "=" + value);
  }
  const std::size_t changed = variables.size();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('=') + 1);
    bool replaced = false;
    for (std::size_t i = 0; i < changed; ++i) {
      replaced = replaced || variables[i].starts_with(name);
    }
    if (!replaced) {
      variables.emplace_back(text);
    }
  }
  return variables;
}

void redirect(const char* path, int descriptor) {
  const int fd = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  ::dup2(fd, descriptor);
  ::close(fd);
}

}  // namespace

Process::Process(const Options& options) {
  // All memory is taken before fork(): another thread of the test may hold the allocator's lock.
  std::vector<std::string> command = options.command;
  std::vector<std::string> variables = environment_with(options.environment);
  const std::vector<char*> arguments = pointers_to(command);
  const std::vector<char*> environment = pointers_to(variables);
  const std::string output = files_ / "output";
  const std::string errors = files_ / "errors";
  const rlim_t file_size = options.file_size_limit.value_or(RLIM_INFINITY);
  const rlim_t descriptors = options.descriptor_limit.value_or(0);
  const pid_t test = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // A test that is killed leaves nothing behind; it may be gone already.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != test) {
      ::_exit(127);
    }
    ::setpgid(0, 0);
    redirect(output.c_str(), STDOUT_FILENO);
    redirect(errors.c_str(), STDERR_FILENO);
    if (options.closed_stdout) {
      ::close(STDOUT_FILENO);
    }
    const rlimit limit{file_size, file_size};
    const bool limited =
        !options.file_size_limit.has_value() || ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
    const rlimit few{descriptors, descriptors};
    const bool scarce =
        !options.descriptor_limit.has_value() || ::setrlimit(RLIMIT_NOFILE, &few) == 0;
    if (limited && scarce &&
        (options.directory.empty() || ::chdir(options.directory.c_str()) == 0)) {
      ::execvpe(arguments[0], arguments.data(), environment.data());
    }
    ::_exit(127);
  }
  SQUALL_CHECK(pid_ > 0);
}

Process::~Process() {
  signal(SIGKILL);
  wait();
}

bool Process::has_ended() const {
  siginfo_t info{};
  return result_.has_value() ||
         (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          info.si_pid == pid_);
}

void Process::signal(int number) const {
  if (!result_) {
    ::kill(pid_, number);
  }
}

ProcessResult Process::wait(Duration limit) {
  if (!result_) {
    if (!eventually([this] { return has_ended(); }, limit)) {
      signal(SIGKILL);
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    result_ = {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output(),
               errors()};
  }
  return *result_;
}

ProcessResult run_program(std::vector<std::string> command, Duration limit) {
  return Process({.command = std::move(command)}).wait(limit);
}

}  // namespace squall::test
