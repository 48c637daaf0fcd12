#include "faults/process/service_clock.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <system_error>

#include <fmt/core.h>

#include "faults/process/program_search.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

std::int64_t to_ns(WallTime time) {
  return time.time_since_epoch().count();
}

std::string system_message(int problem) {
  return std::system_category().message(problem);
}

tl::unexpected<Error> no_block(const std::string& path, int problem) {
  return fail(ErrorCode::kIo, fmt::format("cannot make the clock {}: {}", printable(path),
                                          system_message(problem)));
}

// The setting with what it shows at `now` as its new start, so that another pace goes on from
// there. A strobe goes on where it is, which an even number of its periods does not change.
ClockSetting started_anew(const ClockSetting& setting, WallTime now) {
  ClockSetting next = setting;
  std::int64_t base = to_ns(now);
  if (setting.strobe_period_ns > 0) {
    base -= (base - setting.base_ns) % (2 * setting.strobe_period_ns);
  }
  next.base_ns = base;
  next.offset_ns += detail::drift_after(setting, base - setting.base_ns);
  return next;
}

}  // namespace

Result<std::string> find_clock_shim(const std::string& program_directory) {
  const std::string beside =
      program_directory.empty() ? own_program_directory() : program_directory;
  const std::string installed = beside + "/../lib/squall";
  for (const std::string& directory : {beside, installed}) {
    std::string path = directory + "/" + kClockShimName;
    if (::access(path.c_str(), R_OK) == 0) {
      std::error_code problem;
      const std::filesystem::path real = std::filesystem::canonical(path, problem);
      return problem ? path : real.string();
    }
  }
  return fail(ErrorCode::kNotFound, fmt::format("no {} in {} or {}", kClockShimName,
                                                printable(beside), printable(installed)));
}

ClockSetting stepped(const ClockSetting& setting, WallTime now, Duration by) {
  ClockSetting next = started_anew(setting, now);
  next.offset_ns += by.count();
  return next;
}

ClockSetting stepped_to(const ClockSetting& setting, WallTime now, WallTime shown) {
  return stepped(setting, now, shown - shown_time(setting, now));
}

ClockSetting drifting(const ClockSetting& setting, WallTime now, double rate) {
  constexpr double kLargestRate = 86400;
  SQUALL_CHECK(std::abs(rate) <= kLargestRate);
  ClockSetting next = started_anew(setting, now);
  // A strobe's base may lie before now: what the new pace would have gained since then is not due.
  const std::int64_t since = to_ns(now) - next.base_ns;
  next.offset_ns += detail::drift_after(next, since);
  next.drift_ppb = std::llround(rate * static_cast<double>(kNanosecondsPerSecond));
  next.offset_ns -= detail::drift_after(next, since);
  return next;
}

ClockSetting frozen(const ClockSetting& setting, WallTime now) {
  return drifting(setting, now, -1);
}

ClockSetting strobing(const ClockSetting& setting, WallTime now, Duration by, Duration every) {
  ClockSetting next = setting;
  next.strobe_ns = 0;
  next.strobe_period_ns = 0;
  next = started_anew(next, now);
  next.strobe_ns = by.count();
  next.strobe_period_ns = every.count();
  return next;
}

WallTime shown_time(const ClockSetting& setting, WallTime now) {
  return WallTime(Duration(shown_at(setting, to_ns(now))));
}

Result<ServiceClock> ServiceClock::create(const std::string& directory, std::string_view label,
                                          std::string shim) {
  std::string path = fmt::format("{}/{}.clock-XXXXXX", directory, label);
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) {
    return no_block(path, errno);
  }
  // A service may run as another user.
  void* mapped = MAP_FAILED;
  if (::fchmod(file, 0666) == 0 && ::ftruncate(file, kClockBlockSize) == 0) {
    mapped = ::mmap(nullptr, kClockBlockSize, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  const int problem = errno;
  ::close(file);
  if (mapped == MAP_FAILED) {
    ::unlink(path.c_str());
    return no_block(path, problem);
  }
  auto* const block = new (mapped) ClockBlockLayout{};
  put_setting(*block, {});
  block->magic.store(ClockBlockLayout::kMagic, std::memory_order_release);
  std::error_code unresolved;
  const std::filesystem::path absolute = std::filesystem::absolute(path, unresolved);
  return ServiceClock(block, unresolved ? path : absolute.string(), std::move(shim));
}

ServiceClock::ServiceClock(ClockBlockLayout* block, std::string file, std::string shim)
    : block_(block), file_(std::move(file)), shim_(std::move(shim)) {}

ServiceClock::ServiceClock(ServiceClock&& other) noexcept
    : block_(std::exchange(other.block_, nullptr)),
      file_(std::move(other.file_)),
      shim_(std::move(other.shim_)) {}

ServiceClock::~ServiceClock() {
  if (block_ != nullptr) {
    ::munmap(block_, kClockBlockSize);
    ::unlink(file_.c_str());
  }
}

std::vector<std::pair<std::string, std::string>> ServiceClock::environment(
    const std::vector<std::pair<std::string, std::string>>& given) const {
  constexpr const char* kPreload = "LD_PRELOAD";
  // Nothing in squall calls setenv, which is what would make getenv unsafe.
  const char* inherited = std::getenv(kPreload);  // NOLINT(concurrency-mt-unsafe)
  std::string others = inherited == nullptr ? "" : inherited;
  for (const auto& [name, value] : given) {
    if (name == kPreload) {
      others = value;
    }
  }
  return {{kPreload, others.empty() ? shim_ : shim_ + ":" + others}, {kClockBlockVariable, file_}};
}

ClockActivity ServiceClock::activity() const {
  return {.processes = block_->processes.load(std::memory_order_relaxed),
          .readings = block_->readings.load(std::memory_order_relaxed),
          .last_shown = WallTime(Duration(block_->last_shown_ns.load(std::memory_order_relaxed)))};
}

}  // namespace squall::faults
