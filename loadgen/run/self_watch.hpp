// The generator watches itself: a measurement that it could not make properly is invalid, and says
// since when and why.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/host_watch.hpp"

namespace squall::run {

// Looks at each second of the measured phase (ACCURACY §1). One breach per reason: the first second
// counts. One thread.
//
// Lateness belongs to the second in which the take-up was due, whichever second brings it: what was
// due in the last second may come in the drain. Its p99 is that of a window: the second itself and
// as many before it as it takes to have kLagWindow starts, all measured ones so far while there are
// fewer; one with kLagWindow starts of its own is judged alone. At least kFewestLate of them must
// be late: the p99 of a few starts is their maximum, and one hiccup of the host would void a slow
// run. A breach counts from the first late second of the window.
//
// Arrivals count as not started when the backlog
// lasts over the ends of two seconds, or to the end of the run: a pause that happens to straddle
// one end is lateness.
class SelfWatch {
 public:
  static constexpr std::uint64_t kLagWindow = 1000;
  static constexpr std::uint64_t kFewestLate = 10;

  SelfWatch(const model::MeasurementLimits& limits, Duration duration)
      : limits_(limits), duration_(duration) {}

  // The breaches that this second adds, in the order of seconds from the warm-up to the end of the
  // drain. Only what concerns the measured phase is judged.
  [[nodiscard]] std::vector<model::Breach> second(const model::SecondSummary& second,
                                                  const std::vector<model::Lateness>& lateness,
                                                  const HostUse& host);
  // After the last one.
  [[nodiscard]] std::vector<model::Breach> end();

 private:
  enum Reason : std::uint8_t { kLag, kStarted, kBusy, kDescriptors, kPorts, kReasonCount };
  void add(Reason reason, std::int64_t from_second, std::string text);
  [[nodiscard]] bool measured(std::int64_t second) const;
  void judge_lateness(const std::vector<model::Lateness>& lateness);
  void judge_lag_until(std::int64_t last_second);
  void judge_started(const model::SecondSummary& second);
  void judge_loop(const model::SecondSummary& second);
  void judge_host(const model::SecondSummary& second, const HostUse& host);
  void not_started();

  const model::MeasurementLimits& limits_;
  Duration duration_;
  bool seen_[kReasonCount] = {};
  std::vector<model::Breach> breaches_;  // that were not handed out
  std::map<std::int64_t, model::Lateness> due_in_;
  std::int64_t lag_before_ns_ = -1;
  int busy_and_later_ = 0;  // seconds in a row that were full and later than the one before

  std::int64_t owed_ = 0;             // arrivals due and not started so far
  std::uint64_t due_ = 0;             // in the last measured second so far
  std::int64_t last_measured_ = 0;    // that second
  bool behind_before_ = false;        // at its end
  bool after_last_measured_ = false;  // a second of the drain has been seen
};

}  // namespace squall::run
