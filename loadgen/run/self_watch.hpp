// The generator watches itself: a measurement that it could not make properly is invalid, and says
// since when and why.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::run {

// What of this host's limits is used up now.
struct HostUse {
  std::uint64_t descriptors = 0;
  std::uint64_t descriptor_limit = 0;
  std::uint64_t ports = 0;  // TCP sockets of this host that occupy a local port, TIME_WAIT included
  std::uint64_t port_limit = 0;  // size of the ephemeral range
};
// Reads /proc; a figure that cannot be read is 0, and its limit too.
[[nodiscard]] HostUse read_host_use();

// Looks at each second of the measured phase (ACCURACY §1). One breach per reason: the first second
// counts. One thread. Arrivals count as not started when the backlog lasts over the ends of two
// seconds: a pause that happens to straddle one end is lateness, which the lag tells.
class SelfWatch {
 public:
  SelfWatch(const model::MeasurementLimits& limits, Duration duration)
      : limits_(limits), duration_(duration) {}

  // A breach that this second adds, if any. Warm-up and drain are not judged.
  [[nodiscard]] std::vector<model::Breach> second(const model::SecondSummary& second,
                                                  const HostUse& host);

 private:
  enum Reason : std::uint8_t { kLag, kStarted, kBusy, kDescriptors, kPorts, kReasonCount };
  void add(Reason reason, double from_second, std::string text,
           std::vector<model::Breach>& breaches);

  const model::MeasurementLimits& limits_;
  Duration duration_;
  bool seen_[kReasonCount] = {};
  std::int64_t lag_before_ns_ = -1;
  std::int64_t owed_ = 0;       // arrivals due and not started so far
  int busy_and_later_ = 0;      // seconds in a row that were full and later than the one before
  bool behind_before_ = false;  // at the end of the second before this one
};

}  // namespace squall::run
