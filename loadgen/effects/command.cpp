#include "loadgen/effects/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::effects {
namespace {

constexpr std::size_t kMaxErrorBytes = 4096;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  void reset() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

tl::unexpected<Error> system_failure(const std::string& what) {
  return fail(ErrorCode::kIo, what + ": " + std::generic_category().message(errno));
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return system_failure("no pipe for a command");
  }
  Pipe result{Descriptor(ends[0]), Descriptor(ends[1])};
  if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
    return system_failure("no pipe for a command");
  }
  return result;
}

// A file in memory: unlike a pipe it can be filled before anybody reads, and nobody's death raises
// SIGPIPE.
Result<Descriptor> make_input(const std::string& text) {
  Descriptor file(::memfd_create("squall-input", MFD_CLOEXEC));
  if (file.get() < 0) {
    return system_failure("no standard input for a command");
  }
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file.get(), text.data() + written, text.size() - written);
    if (count < 0) {
      return system_failure("no standard input for a command");
    }
    written += static_cast<std::size_t>(count);
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) {
    return system_failure("no standard input for a command");
  }
  return file;
}

// Pointers for exec; valid while `texts` is.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(command.environment.begin(), command.environment.end(),
                                      [name](const auto& added) { return added.first == name; });
    if (!replaced) {
      result.emplace_back(text);
    }
  }
  for (const auto& [name, value] : command.environment) {
    result.push_back(fmt::format("{}={}", name, value));
  }
  return result;
}

// The attributes of a new process; frees what posix_spawn wants freed.
class SpawnSetup {
 public:
  SpawnSetup() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
      sigaddset(&defaults, signal);
    }
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  void use(const Descriptor& file, int as) {
    ::posix_spawn_file_actions_adddup2(&actions_, file.get(), as);
  }
  void change_directory(const std::string& directory) {
    ::posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
  }
  // The process id, or an error number below zero.
  [[nodiscard]] pid_t spawn(const Command& command) const {
    std::vector<std::string> arguments = command.arguments;
    std::vector<std::string> environment = environment_of(command);
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, arguments.front().c_str(), &actions_, &attributes_,
                                     pointers(arguments).data(), pointers(environment).data());
    return error == 0 ? pid : -error;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// A started program with the ends of its pipes. Kills the whole group and waits when it goes.
class Child {
 public:
  Child(pid_t pid, Descriptor output, Descriptor errors)
      : pid_(pid), output_(std::move(output)), errors_(std::move(errors)) {}
  ~Child() { finish(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Reads until the program has ended or `deadline` has come.
  Result<void> collect(TimePoint deadline, std::uint64_t max_output_bytes, CommandResult& result) {
    // By number: glibc 2.36 declares pidfd_open without C linkage.
    const Descriptor watch(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (watch.get() < 0) {
      return system_failure("the command cannot be watched");
    }
    for (;;) {
      std::array<pollfd, 3> ready{
          {{watch.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {errors_.get(), POLLIN, 0}}};
      const Duration left = deadline - monotonic_now();
      if (left <= Duration::zero()) {
        return fail(ErrorCode::kUnavailable, "it did not end in time");
      }
      const auto wait_ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      const int count = ::poll(ready.data(), ready.size(),
                               static_cast<int>(std::min<std::int64_t>(wait_ms, 60'000)));
      if (count < 0 && errno != EINTR) {
        return system_failure("the command cannot be watched");
      }
      // What the program itself wrote is in the pipes by now; others that hold them open are not
      // waited for.
      const bool ended = count > 0 && ready[0].revents != 0;
      drain(output_, result.output, max_output_bytes + 1);
      drain(errors_, result.errors, kMaxErrorBytes);
      if (result.output.size() > max_output_bytes) {
        return fail(ErrorCode::kExhausted,
                    "it printed more than " + format_bytes({max_output_bytes}));
      }
      if (ended) {
        return {};
      }
    }
  }

  // The exit status as a shell would give it; -1 when it is not known.
  int finish() {
    if (pid_ <= 0) {
      return status_;
    }
    // Before waiting: until then the process id cannot belong to anybody else.
    ::kill(-pid_, SIGKILL);
    int status = 0;
    pid_t waited = -1;
    do {
      waited = ::waitpid(pid_, &status, 0);
    } while (waited < 0 && errno == EINTR);
    pid_ = -1;
    if (waited > 0) {
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return status_;
  }

 private:
  // Takes what is there; keeps up to `max_bytes` in all. Closes at the end of file, so that poll
  // does not spin.
  static void drain(Descriptor& from, std::string& into, std::uint64_t max_bytes) {
    std::array<char, 65536> buffer{};
    while (from.get() >= 0) {
      const ssize_t count = ::read(from.get(), buffer.data(), buffer.size());
      if (count > 0) {
        const std::uint64_t room = max_bytes - std::min<std::uint64_t>(max_bytes, into.size());
        into.append(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(
                                       room, static_cast<std::uint64_t>(count))));
        if (into.size() >= max_bytes && room == 0) {
          return;
        }
        continue;
      }
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count == 0) {
        from.reset();
      }
      return;
    }
  }

  pid_t pid_;
  Descriptor output_;
  Descriptor errors_;
  int status_ = -1;
};

}  // namespace

Result<CommandResult> run_command(const Command& command) {
  SQUALL_CHECK(!command.arguments.empty());
  const TimePoint deadline = monotonic_now() + command.timeout;
  Result<Descriptor> input = make_input(command.input);
  Result<Pipe> output = make_pipe();
  Result<Pipe> errors = make_pipe();
  if (!input || !output || !errors) {
    return fail(!input ? input.error() : !output ? output.error() : errors.error());
  }
  SpawnSetup setup;
  setup.use(*input, STDIN_FILENO);
  setup.use(output->write_end, STDOUT_FILENO);
  setup.use(errors->write_end, STDERR_FILENO);
  if (!command.directory.empty()) {
    setup.change_directory(command.directory);
  }
  const pid_t pid = setup.spawn(command);
  const std::string name = "\"" + printable(command.arguments.front()) + "\"";
  if (pid < 0) {
    return fail(ErrorCode::kNotFound,
                name + " cannot be started: " + std::generic_category().message(-pid));
  }
  output->write_end.reset();
  errors->write_end.reset();
  CommandResult result;
  Child child(pid, std::move(output->read_end), std::move(errors->read_end));
  const Result<void> collected = child.collect(deadline, command.max_output_bytes, result);
  if (!collected) {
    return fail(collected.error().code, name + ": " + collected.error().message);
  }
  result.exit_status = child.finish();
  return result;
}

}  // namespace squall::effects
