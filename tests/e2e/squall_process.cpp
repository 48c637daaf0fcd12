#include "tests/e2e/squall_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "loadgen/base/clock.hpp"

namespace squall::test {
namespace {

namespace fs = std::filesystem;

void redirect(const std::string& path, int descriptor) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  ::dup2(fd, descriptor);
  ::close(fd);
}

[[noreturn]] void become(const Process::Options& options, const std::string& output,
                         const std::string& errors) {
  ::setpgid(0, 0);
  redirect(output, STDOUT_FILENO);
  redirect(errors, STDERR_FILENO);
  if (options.closed_stdout) {
    ::close(STDOUT_FILENO);
  }
  if (options.file_size_limit) {
    const rlimit limit{*options.file_size_limit, *options.file_size_limit};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  for (const auto& [name, value] : options.environment) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<char*> arguments;
  for (const std::string& word : options.command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  if (::chdir(options.directory.c_str()) == 0) {
    ::execv(arguments[0], arguments.data());
  }
  ::_exit(127);
}

fs::path temporary(const std::string& pattern) {
  std::string name = (fs::temp_directory_path() / pattern).string();
  const int fd = ::mkstemp(name.data());
  if (fd < 0) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  ::close(fd);
  return name;
}

}  // namespace

Process::Process(const Options& options)
    : output_path_(temporary("squall-out-XXXXXX")), errors_path_(temporary("squall-err-XXXXXX")) {
  pid_ = ::fork();
  if (pid_ == 0) {
    become(options, output_path_.string(), errors_path_.string());
  }
}

Process::~Process() {
  if (!waited_) {
    (void)wait(Duration::zero());
  }
  std::error_code ignored;
  fs::remove(output_path_, ignored);
  fs::remove(errors_path_, ignored);
}

void Process::signal(int number) const {
  ::kill(pid_, number);
}

ProcessResult Process::wait(Duration limit) {
  int status = 0;
  const bool ended = eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, limit);
  if (!ended) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  waited_ = true;
  ProcessResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.output = read_text(output_path_.string());
  result.errors = read_text(errors_path_.string());
  return result;
}

ScratchDirectory::ScratchDirectory() {
  std::string name = (fs::temp_directory_path() / "squall-e2e-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string ScratchDirectory::write(const std::string& name, const std::string& content) const {
  std::ofstream(path_ / name) << content;
  return file(name);
}

std::string squall_binary() {
  return std::string(SQUALL_BIN_DIR) + "/squall";
}

ProcessResult squall(const ScratchDirectory& directory, const std::vector<std::string>& arguments,
                     Duration limit) {
  Process::Options options{.command = {squall_binary()}, .directory = directory.path().string()};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  return Process(options).wait(limit);
}

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string source_file(const std::string& path) {
  return std::string(SQUALL_SOURCE_DIR) + "/" + path;
}

std::vector<pid_t> processes_marked(const std::string& value) {
  const std::string mark = "SQUALL_TEST_MARK=" + value;
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos &&
        read_text("/proc/" + name + "/environ").find(mark) != std::string::npos) {
      found.push_back(static_cast<pid_t>(std::stol(name)));
    }
  }
  return found;
}

bool eventually(const std::function<bool()>& condition, Duration limit) {
  const TimePoint end = monotonic_now() + limit;
  while (!condition()) {
    if (monotonic_now() >= end) {
      return false;
    }
    ::poll(nullptr, 0,
           5);  // the condition lies in another process: there is nothing to be woken by
  }
  return true;
}

}  // namespace squall::test
