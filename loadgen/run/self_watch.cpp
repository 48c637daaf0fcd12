#include "loadgen/run/self_watch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"

namespace squall::run {
namespace {

// Seconds in a row without free time, each with a median lag a tenth above the one before.
constexpr int kBusySeconds = 2;

// Above this share of a limit the next connection may fail. A limit that is not known is 0.
bool nearly_used_up(std::uint64_t used, std::uint64_t limit) {
  return limit > 0 && static_cast<double>(used) > 0.95 * static_cast<double>(limit);
}

}  // namespace

void SelfWatch::add(Reason reason, std::int64_t from_second, std::string text) {
  if (!seen_[reason]) {
    seen_[reason] = true;
    breaches_.push_back(
        {.reason = std::move(text), .from_second = static_cast<double>(from_second)});
  }
}

bool SelfWatch::measured(std::int64_t second) const {
  return second >= 0 && static_cast<double>(second) < to_seconds(duration_);
}

std::vector<model::Breach> SelfWatch::second(const model::SecondSummary& second,
                                             const std::vector<model::Lateness>& lateness,
                                             const HostUse& host) {
  judge_lateness(lateness);
  judge_started(second);
  if (measured(second.second)) {
    judge_loop(second);
  }
  judge_host(second, host);
  return std::exchange(breaches_, {});
}

std::vector<model::Breach> SelfWatch::end() {
  if (behind_before_ && owed_ > 0) {
    not_started();
  }
  return std::exchange(breaches_, {});
}

void SelfWatch::judge_lateness(const std::vector<model::Lateness>& lateness) {
  for (const model::Lateness& one : lateness) {
    if (!measured(one.second) || seen_[kLag]) {
      continue;
    }
    model::Lateness& all = due_in_.try_emplace(one.second).first->second;
    all.starts += one.starts;
    all.late += one.late;
    all.worst_ns = std::max(all.worst_ns, one.worst_ns);
    // What a slice brings for an earlier second is part of later windows, too.
    for (auto end = due_in_.find(one.second); end != due_in_.end() && !seen_[kLag]; ++end) {
      judge_lag_until(end->first);
    }
  }
}

void SelfWatch::judge_lag_until(std::int64_t last_second) {
  model::Lateness window;
  std::int64_t first_late = last_second;
  auto at = due_in_.upper_bound(last_second);
  while (at != due_in_.begin() && window.starts < kLagWindow) {
    --at;
    window.second = at->first;
    window.starts += at->second.starts;
    window.late += at->second.late;
    window.worst_ns = std::max(window.worst_ns, at->second.worst_ns);
    first_late = at->second.late > 0 ? at->first : first_late;
  }
  // More than one in a hundred above the limit is a p99 above it.
  if (window.late < kFewestLate || window.late <= window.starts / 100) {
    return;
  }
  const std::string seconds = window.second == last_second
                                  ? fmt::format("second {}", last_second)
                                  : fmt::format("seconds {} to {}", window.second, last_second);
  add(kLag, first_late,
      fmt::format("the generator was late: lag p99 above {} in {} ({} of {} starts due then were "
                  "later than that, the latest by {}; --set limits.lag_p99=… sets the limit)",
                  format_duration(limits_.lag_p99), seconds, window.late, window.starts,
                  format_duration(Duration(window.worst_ns))));
}

void SelfWatch::not_started() {
  add(kStarted, last_measured_,
      fmt::format("the generator could not keep up: {} arrivals due and not started at the end of "
                  "second {} ({} due in it, limit {} started)",
                  owed_, last_measured_, due_, format_share(limits_.started)));
}

void SelfWatch::judge_started(const model::SecondSummary& second) {
  const model::Counters& counters = second.counters;
  owed_ += static_cast<std::int64_t>(counters.due) - static_cast<std::int64_t>(counters.started);
  const bool is_measured = measured(second.second);
  if (second.second < 0 || (!is_measured && after_last_measured_)) {
    return;
  }
  if (is_measured) {
    last_measured_ = second.second;
    due_ = counters.due;
  }
  after_last_measured_ = !is_measured;
  const bool behind =
      static_cast<double>(owed_) > static_cast<double>(due_) * (1.0 - limits_.started.fraction);
  if (behind && behind_before_) {
    not_started();
  }
  behind_before_ = behind;
}

void SelfWatch::judge_loop(const model::SecondSummary& second) {
  const double awake = static_cast<double>(second.counters.loop_busy_ns);
  const double free =
      static_cast<double>(second.counters.loop_idle_ns + second.counters.loop_spin_ns);
  const bool busy = awake + free > 0 && free / (awake + free) < limits_.min_idle_share;
  const bool lag_grows = lag_before_ns_ >= 0 && 10 * second.lag_p50_ns > 11 * lag_before_ns_;
  busy_and_later_ = busy && lag_grows ? busy_and_later_ + 1 : 0;
  if (busy_and_later_ == kBusySeconds) {
    add(kBusy, second.second,
        fmt::format("the generator was busy all the time ({:.1f}% free) and its lag grew to {} in "
                    "second {}",
                    100 * free / (awake + free), format_duration(Duration(second.lag_p50_ns)),
                    second.second));
  }
  lag_before_ns_ = second.lag_p50_ns;
}

void SelfWatch::judge_host(const model::SecondSummary& second, const HostUse& host) {
  // Attempts of measured operations may fail in the drain, too.
  if (second.second >= 0 && second.counters.out_of_descriptors > 0) {
    add(kDescriptors, second.second,
        fmt::format("out of descriptors: {} attempts got no connection in second {} (limit {})",
                    second.counters.out_of_descriptors, second.second, host.descriptor_limit));
  }
  if (second.second >= 0 && second.counters.out_of_ports > 0) {
    add(kPorts, second.second,
        fmt::format("out of local ports: {} attempts got no connection in second {}",
                    second.counters.out_of_ports, second.second));
  }
  if (!measured(second.second)) {
    return;
  }
  if (nearly_used_up(host.descriptors, host.descriptor_limit)) {
    add(kDescriptors, second.second,
        fmt::format("out of descriptors: {} of {} in use in second {}", host.descriptors,
                    host.descriptor_limit, second.second));
  }
}

}  // namespace squall::run
