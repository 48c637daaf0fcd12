#include "faults/process/resource_limits.hpp"

#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include <fmt/core.h>

namespace squall::faults {
namespace {

std::uint64_t whole_seconds(Duration time) {
  return static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

tl::unexpected<Error> refused(const std::string& what, pid_t pid, int problem) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the kernel refuses {} for process {}: {}", what, pid,
                          std::generic_category().message(problem)));
}

// One soft limit; what it was.
Result<rlim_t> change(pid_t pid, int resource, rlim_t value, const std::string& what) {
  const auto which = static_cast<__rlimit_resource>(resource);
  rlimit before{};
  if (::prlimit(pid, which, nullptr, &before) != 0) {
    return refused(what, pid, errno);
  }
  const rlimit wanted{value, before.rlim_max};
  if (::prlimit(pid, which, &wanted, nullptr) != 0) {
    return refused(what, pid, errno);
  }
  return before.rlim_cur;
}

// To the kernel each thread has one of its own.
Result<void> set_nice(pid_t pid, int nice) {
  std::error_code problem;
  std::filesystem::directory_iterator thread(fmt::format("/proc/{}/task", pid), problem);
  while (!problem && thread != std::filesystem::directory_iterator()) {
    const auto id = static_cast<id_t>(std::stoul(thread->path().filename().string()));
    // One that has ended since has nothing to be limited.
    if (::setpriority(PRIO_PROCESS, id, nice) != 0 && errno != ESRCH) {
      return refused(fmt::format("nice {}", nice), pid, errno);
    }
    thread.increment(problem);
  }
  return problem ? refused(fmt::format("nice {}", nice), pid, problem.value()) : Result<void>();
}

}  // namespace

std::vector<std::pair<int, std::uint64_t>> rlimits_of(const model::ResourceLimits& limits) {
  std::vector<std::pair<int, std::uint64_t>> list;
  if (limits.memory) {
    list.emplace_back(RLIMIT_DATA, limits.memory->bytes);
  }
  if (limits.cpu_time) {
    list.emplace_back(RLIMIT_CPU, whole_seconds(*limits.cpu_time));
  }
  if (limits.open_files) {
    list.emplace_back(RLIMIT_NOFILE, *limits.open_files);
  }
  if (limits.processes) {
    list.emplace_back(RLIMIT_NPROC, *limits.processes);
  }
  return list;
}

bool apply_limits(const model::ResourceLimits& limits) {
  for (const auto& [resource, value] : rlimits_of(limits)) {
    const rlimit wanted{value, value};
    if (::setrlimit(static_cast<__rlimit_resource>(resource), &wanted) != 0) {
      return false;
    }
  }
  return !limits.nice || ::setpriority(PRIO_PROCESS, 0, *limits.nice) == 0;
}

Result<model::ResourceLimits> change_limits(pid_t pid, const model::ResourceLimits& limits) {
  model::ResourceLimits before;
  const auto one = [&](int resource, rlim_t value, const std::string& what,
                       auto keep) -> Result<void> {
    Result<rlim_t> old = change(pid, resource, value, what);
    if (!old) {
      return fail(old.error());
    }
    keep(*old);
    return {};
  };
  Result<void> done;
  if (limits.memory) {
    done = one(RLIMIT_DATA, limits.memory->bytes, "memory " + format_bytes(*limits.memory),
               [&](rlim_t old) { before.memory = ByteCount{old}; });
  }
  if (done && limits.cpu_time) {
    done = one(RLIMIT_CPU, whole_seconds(*limits.cpu_time),
               "CPU time " + format_duration(*limits.cpu_time), [&](rlim_t old) {
                 const auto most = static_cast<rlim_t>(to_seconds(Duration::max()));
                 before.cpu_time = std::chrono::seconds(std::min(old, most - 1));
               });
  }
  if (done && limits.open_files) {
    done = one(RLIMIT_NOFILE, *limits.open_files, fmt::format("{} open files", *limits.open_files),
               [&](rlim_t old) { before.open_files = old; });
  }
  if (done && limits.processes) {
    done = one(RLIMIT_NPROC, *limits.processes, fmt::format("{} processes", *limits.processes),
               [&](rlim_t old) { before.processes = old; });
  }
  if (done && limits.nice) {
    const int old = ::getpriority(PRIO_PROCESS, static_cast<id_t>(pid));
    done = set_nice(pid, *limits.nice);
    if (done) {
      before.nice = old;
    } else {
      static_cast<void>(set_nice(pid, old));
    }
  }
  if (!done) {
    // The failure that is told is the first one.
    static_cast<void>(change_limits(pid, before));
    return fail(done.error());
  }
  return before;
}

}  // namespace squall::faults
