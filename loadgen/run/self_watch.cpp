#include "loadgen/run/self_watch.hpp"

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <fmt/core.h>

namespace squall::run {
namespace {

// Seconds in a row without free time, each with a median lag a tenth above the one before.
constexpr int kBusySeconds = 2;

// Above this share of a limit the next connection may fail. A limit that is not known is 0.
bool nearly_used_up(std::uint64_t used, std::uint64_t limit) {
  return limit > 0 && static_cast<double>(used) > 0.95 * static_cast<double>(limit);
}

std::uint64_t count_descriptors() {
  std::error_code error;
  std::uint64_t count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++count;
  }
  return count;
}

// "TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1"
std::uint64_t count_tcp_ports() {
  std::ifstream file("/proc/net/sockstat");
  std::string word;
  while (file >> word) {
    if (word == "TCP:") {
      std::uint64_t in_use = 0;
      std::uint64_t time_wait = 0;
      std::string name;
      std::uint64_t value = 0;
      while (file >> name >> value) {
        in_use = name == "inuse" ? value : in_use;
        time_wait = name == "tw" ? value : time_wait;
      }
      return in_use + time_wait;
    }
  }
  return 0;
}

std::uint64_t ephemeral_ports() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  return file >> low >> high && high >= low ? high - low + 1 : 0;
}

}  // namespace

HostUse read_host_use() {
  HostUse use;
  use.descriptors = count_descriptors();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    use.descriptor_limit = limit.rlim_cur;
  }
  use.ports = count_tcp_ports();
  use.port_limit = ephemeral_ports();
  return use;
}

void SelfWatch::add(Reason reason, double from_second, std::string text,
                    std::vector<model::Breach>& breaches) {
  if (!seen_[reason]) {
    seen_[reason] = true;
    breaches.push_back({.reason = std::move(text), .from_second = from_second});
  }
}

std::vector<model::Breach> SelfWatch::second(const model::SecondSummary& second,
                                             const HostUse& host) {
  std::vector<model::Breach> breaches;
  const auto at = static_cast<double>(second.second);
  if (second.second < 0 || at >= to_seconds(duration_)) {
    return breaches;
  }
  const model::Counters& counters = second.counters;
  if (second.lag_p99_ns > limits_.lag_p99.count()) {
    add(kLag, at,
        fmt::format("the generator was late: lag p99 {} in second {} (limit {})",
                    format_duration(Duration(second.lag_p99_ns)), second.second,
                    format_duration(limits_.lag_p99)),
        breaches);
  }
  owed_ += static_cast<std::int64_t>(counters.due) - static_cast<std::int64_t>(counters.started);
  const bool behind = static_cast<double>(owed_) >
                      static_cast<double>(counters.due) * (1.0 - limits_.started.fraction);
  if (behind && behind_before_) {
    add(kStarted, at,
        fmt::format("the generator could not keep up: {} arrivals due and not started at the end "
                    "of second {} "
                    "({} due in it, limit {} started)",
                    owed_, second.second, counters.due, format_share(limits_.started)),
        breaches);
  }
  behind_before_ = behind;
  const double awake = static_cast<double>(counters.loop_busy_ns);
  const double free = static_cast<double>(counters.loop_idle_ns + counters.loop_spin_ns);
  const bool busy = awake + free > 0 && free / (awake + free) < limits_.min_idle_share;
  const bool lag_grows = lag_before_ns_ >= 0 && 10 * second.lag_p50_ns > 11 * lag_before_ns_;
  busy_and_later_ = busy && lag_grows ? busy_and_later_ + 1 : 0;
  if (busy_and_later_ == kBusySeconds) {
    add(kBusy, at,
        fmt::format("the generator was busy all the time ({:.1f}% free) and its lag grew to {} in "
                    "second {}",
                    100 * free / (awake + free), format_duration(Duration(second.lag_p50_ns)),
                    second.second),
        breaches);
  }
  lag_before_ns_ = second.lag_p50_ns;
  if (nearly_used_up(host.descriptors, host.descriptor_limit)) {
    add(kDescriptors, at,
        fmt::format("out of descriptors: {} of {} in use in second {}", host.descriptors,
                    host.descriptor_limit, second.second),
        breaches);
  }
  if (nearly_used_up(host.ports, host.port_limit)) {
    add(kPorts, at,
        fmt::format("out of local ports: {} of {} in use on this host in second {}", host.ports,
                    host.port_limit, second.second),
        breaches);
  }
  return breaches;
}

}  // namespace squall::run
