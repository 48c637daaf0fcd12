#include "loadgen/model/recovery.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/selection.hpp"

namespace squall::model {
namespace {

constexpr std::uint64_t kLeastSeconds = 2;
constexpr std::uint64_t kLeastOperations = 20;
constexpr double kLeastErrorMargin = 0.01;
constexpr double kDeviations = 4;
// What is over this soon after its instant costs no whole second.
constexpr Duration kOnTime = std::chrono::milliseconds(100);

struct Sample {
  std::uint64_t acked = 0;
  std::uint64_t not_acked = 0;
  std::int64_t p99_us = -1;

  [[nodiscard]] std::uint64_t operations() const { return acked + not_acked; }
  [[nodiscard]] double error_rate() const {
    return static_cast<double>(not_acked) / static_cast<double>(operations());
  }
};

// By second: what `phase` had of the selected steps in whole seconds of [from, to).
std::map<std::int64_t, Sample> samples_of(const RunRecord& record, std::string_view step,
                                          Phase phase, Duration from, Duration to) {
  std::map<std::int64_t, Sample> samples;
  const auto first = std::chrono::ceil<std::chrono::seconds>(from).count();
  const auto end = std::chrono::floor<std::chrono::seconds>(to).count();
  for (std::int64_t second = first; second < end; ++second) {
    samples[second] = {};
  }
  for (const SecondSummary& second : record.seconds) {
    const auto found = samples.find(second.second);
    if (found == samples.end()) {
      continue;
    }
    for (const StepSecond& one : second.steps) {
      if (one.phase == phase && one.step < record.steps.size() &&
          selects_step(step, record.steps[one.step].name)) {
        found->second.acked += one.acked;
        found->second.not_acked += one.not_acked;
        found->second.p99_us = std::max(found->second.p99_us, one.response_p99_us);
      }
    }
  }
  return samples;
}

struct Limits {
  double error_rate = 0;
  double p99_us = 0;
  double acked = 0;
};

Limits limits_from(const std::map<std::int64_t, Sample>& baseline,
                   const RecoverySettings& settings) {
  double errors = 0;
  double p99 = 0;
  double slowest = std::numeric_limits<double>::infinity();
  double sum = 0;
  for (const auto& [second, sample] : baseline) {
    errors = std::max(errors, sample.error_rate());
    p99 = std::max(p99, static_cast<double>(sample.p99_us));
    slowest = std::min(slowest, static_cast<double>(sample.acked));
    sum += static_cast<double>(sample.acked);
  }
  const double mean = sum / static_cast<double>(baseline.size());
  const double slack = static_cast<double>(
      std::chrono::duration_cast<std::chrono::microseconds>(settings.slack).count());
  return {.error_rate = std::max(errors * (1 + settings.within), errors + kLeastErrorMargin),
          .p99_us = std::max(p99 * (1 + settings.within), p99 + slack),
          .acked = std::min(slowest * (1 - settings.within), mean - kDeviations * std::sqrt(mean))};
}

std::string milliseconds(double microseconds) {
  return format_duration(std::chrono::microseconds(static_cast<std::int64_t>(microseconds)));
}

// Whether the second is good; else what held it up is told to `recovery`.
bool is_good(const Sample& sample, std::int64_t second, const Limits& limits,
             const RecoverySettings& settings, Recovery& recovery) {
  const auto not_good = [&](std::string_view metric, std::string_view what) {
    recovery.held_up_by = metric;
    recovery.detail = fmt::format("{} in second {}", what, second);
    return false;
  };
  if (sample.operations() == 0) {
    return not_good("rate", "no operation ended");
  }
  if (settings.error_rate && sample.error_rate() > limits.error_rate) {
    return not_good("error_rate", fmt::format("{}, at most {} would be as before,",
                                              format_share(Share{sample.error_rate()}),
                                              format_share(Share{limits.error_rate})));
  }
  if (settings.response_p99 && static_cast<double>(sample.p99_us) > limits.p99_us) {
    return not_good("response p99", fmt::format("{}, at most {} would be as before,",
                                                milliseconds(static_cast<double>(sample.p99_us)),
                                                milliseconds(limits.p99_us)));
  }
  if (settings.rate && static_cast<double>(sample.acked) < limits.acked) {
    return not_good("rate", fmt::format("{} acked, at least {:.0f} would be as before,",
                                        sample.acked, std::ceil(limits.acked)));
  }
  return true;
}

// When the last fault was really over. Phases are cut by the plan's instants; what takes its time,
// as a restart until it is ready, may be over later. What was to last to the end of the load was
// ended by that or by another action, and the plan knows when.
Duration end_of_faults(const RunRecord& record) {
  Duration end = record.phase_bounds.fault_to;
  for (const RecordedAction& action : record.timeline) {
    if (action.undone && action.planned_until < record.measured_duration &&
        action.until > end + kOnTime) {
      end = action.until;
    }
  }
  return end;
}

bool is_enough(const std::map<std::int64_t, Sample>& baseline) {
  std::uint64_t operations = 0;
  for (const auto& [second, sample] : baseline) {
    if (sample.operations() == 0) {
      return false;
    }
    operations += sample.operations();
  }
  return baseline.size() >= kLeastSeconds && operations >= kLeastOperations;
}

}  // namespace

std::string_view to_string(RecoveryState value) {
  switch (value) {
    case RecoveryState::kRecovered:
      return "recovered";
    case RecoveryState::kNever:
      return "never";
    case RecoveryState::kNotEnoughBaseline:
      return "not enough baseline";
    case RecoveryState::kNotMeasured:
      return "not measured";
    case RecoveryState::kNoFault:
      return "no fault";
  }
  return "";
}

Recovery recovery_of(const RunRecord& record, std::string_view step) {
  return recovery_of(record, step, record.recovery);
}

Recovery recovery_of(const RunRecord& record, std::string_view step,
                     const RecoverySettings& settings) {
  Recovery recovery;
  const PhaseBounds& bounds = record.phase_bounds;
  if (!bounds.split) {
    return recovery;
  }
  const auto baseline =
      samples_of(record, step, Phase::kBaseline, Duration::zero(), bounds.fault_from);
  const Duration ended = end_of_faults(record);
  const auto after = samples_of(record, step, Phase::kRecovery, ended, record.measured_duration);
  recovery.baseline_seconds = baseline.size();
  recovery.recovery_seconds = after.size();
  if (!is_enough(baseline)) {
    recovery.state = RecoveryState::kNotEnoughBaseline;
    return recovery;
  }
  if (after.empty()) {
    recovery.state = RecoveryState::kNotMeasured;
    return recovery;
  }
  const Limits limits = limits_from(baseline, settings);
  std::int64_t since = after.begin()->first;
  for (const auto& [second, sample] : after) {
    if (!is_good(sample, second, limits, settings, recovery)) {
      since = second + 1;
    }
  }
  if (since > after.rbegin()->first) {
    recovery.state = RecoveryState::kNever;
    return recovery;
  }
  recovery.state = RecoveryState::kRecovered;
  recovery.time = std::chrono::seconds(since) - ended;
  return recovery;
}

}  // namespace squall::model
