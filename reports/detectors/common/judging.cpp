#include "reports/detectors/common/judging.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/stats/proportion.hpp"

namespace squall::reports {
namespace {

using model::Phase;
using model::RunRecord;

void add(const RunRecord& record, std::string_view step, Phase phase, PhaseFigures& figures) {
  const model::CellFilter filter{.step = step, .exposure = {}, .phase = phase};
  const model::OperationCounts counts = model::count_operations(record, filter);
  figures.operations += counts.total();
  figures.errors +=
      counts.total() - counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
  const auto classes = model::count_attempts(record, filter);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    figures.classes.at(i) += classes.at(i);
    figures.attempts +=
        model::never_started(static_cast<model::AttemptClass>(i)) ? 0 : classes.at(i);
  }
  figures.response.merge(model::response_of_operations(record, filter));
  figures.service.merge(model::span_of_attempts(record, filter, model::AttemptSpan::kService));
}

void add_all(const RunRecord& record, const std::vector<std::string>& steps, Phase phase,
             PhaseFigures& figures) {
  if (steps.empty()) {
    add(record, {}, phase, figures);
  }
  for (const std::string& step : steps) {
    add(record, step, phase, figures);
  }
}

}  // namespace

PhaseFigures figures_of(const RunRecord& record, const std::vector<std::string>& steps,
                        Phase phase) {
  PhaseFigures figures;
  add_all(record, steps, phase, figures);
  return figures;
}

PhaseFigures figures_since_fault(const RunRecord& record, const std::vector<std::string>& steps) {
  PhaseFigures figures;
  add_all(record, steps, Phase::kFault, figures);
  add_all(record, steps, Phase::kRecovery, figures);
  return figures;
}

model::Recovery slowest_recovery(const RunRecord& record, const std::vector<std::string>& steps,
                                 const model::RecoverySettings& settings) {
  const auto rank = [](const model::Recovery& recovery) {
    return recovery.state == model::RecoveryState::kNever       ? 2
           : recovery.state == model::RecoveryState::kRecovered ? 0
                                                                : 1;
  };
  std::optional<model::Recovery> slowest;
  for (const std::string& step : steps) {
    const model::Recovery one = model::recovery_of(record, step, settings);
    const bool slower = !slowest || rank(one) > rank(*slowest) ||
                        (rank(one) == rank(*slowest) && one.time > slowest->time);
    slowest = slower ? one : *slowest;
  }
  return slowest ? *slowest : model::recovery_of(record, {}, settings);
}

std::string names_text(const std::vector<std::string>& steps) {
  std::string text;
  for (const std::string& step : steps) {
    text += (text.empty() ? "" : ", ") + printable(step);
  }
  return text.empty() ? "all steps" : text;
}

model::Finding finding_of(std::string_view detector, std::string_view subject) {
  model::Finding finding;
  finding.detector = detector;
  finding.id = fmt::format("{}:{}", detector, subject);
  return finding;
}

void set_inconclusive(model::Finding& finding, std::string why) {
  finding.verdict = model::Verdict::kInconclusive;
  finding.summary = std::move(why);
}

void set_invalid(model::Finding& finding, std::string why) {
  finding.verdict = model::Verdict::kInvalid;
  finding.summary = std::move(why);
}

bool generator_is_sound(const RunRecord& record, model::Finding& finding) {
  const auto breach = std::find_if(record.breaches.begin(), record.breaches.end(),
                                   [](const model::Breach& one) { return !one.voids_effects; });
  if (breach == record.breaches.end()) {
    return true;
  }
  set_invalid(finding, fmt::format("the measurement is invalid from {:.0f}s on: {}",
                                   breach->from_second, printable(breach->reason, 300)));
  return false;
}

bool can_compare(const RunRecord& record, const PhaseFigures& baseline, const PhaseFigures& other,
                 std::uint64_t least, model::Finding& finding) {
  if (!record.phase_bounds.split || record.phase_bounds.fault_from <= Duration::zero()) {
    set_inconclusive(finding,
                     "there is no baseline to compare with: faults and actions have to begin after "
                     "the measured phase did");
    return false;
  }
  if (baseline.operations > 0 && baseline.errors > baseline.operations / 2) {
    set_inconclusive(finding,
                     fmt::format("{} of {} operations failed in the baseline, before anything was "
                                 "done: what comes later cannot be told from that",
                                 baseline.errors, baseline.operations));
    return false;
  }
  if (baseline.operations >= least && other.operations >= least) {
    return true;
  }
  set_inconclusive(finding,
                   fmt::format("too few operations: {} in the baseline, {} to compare with it; it "
                               "takes {} of each",
                               baseline.operations, other.operations, least));
  return false;
}

ErrorGrowth error_growth(const PhaseFigures& baseline, const PhaseFigures& other) {
  ErrorGrowth growth;
  growth.difference =
      stats::share_difference(other.errors, other.operations, baseline.errors, baseline.operations);
  const auto share = [](const PhaseFigures& figures) {
    return percent(static_cast<double>(figures.errors) / static_cast<double>(figures.operations));
  };
  growth.text = fmt::format(
      "errors: {} of {} ({}), in the baseline {} of {} ({}); difference {:+.2f} points, 95% "
      "interval {:+.2f} to {:+.2f}",
      other.errors, other.operations, share(other), baseline.errors, baseline.operations,
      share(baseline), growth.difference.difference * 100, growth.difference.low * 100,
      growth.difference.high * 100);
  return growth;
}

Slower slower_than(const stats::Histogram& microseconds, Duration limit) {
  const auto limit_us = std::chrono::duration_cast<std::chrono::microseconds>(limit).count();
  Slower slower;
  slower.of = microseconds.count() + microseconds.overflow();
  slower.beyond = slower.of - microseconds.count_at_or_below(limit_us);
  const stats::ProportionInterval share = stats::proportion_interval(slower.beyond, slower.of);
  slower.low = share.low;
  slower.text = fmt::format("{} of {} ({}, 95% interval {} to {}) took longer than {}",
                            slower.beyond, slower.of, percent(share.share), percent(share.low),
                            percent(share.high), format_duration(limit));
  return slower;
}

Duration slow_limit(const PhaseFigures& baseline, double times, Duration slack) {
  const auto p99 = std::chrono::microseconds(baseline.response.value_at_percentile(99));
  const auto scaled = std::chrono::microseconds(
      static_cast<std::int64_t>(static_cast<double>(p99.count()) * times));
  return std::max<Duration>(scaled, p99 + slack);
}

std::vector<double> sample_of(const stats::Histogram& histogram, std::size_t most) {
  std::vector<double> sample;
  const std::uint64_t all = histogram.count();
  const std::size_t taken = std::min<std::uint64_t>(all, most);
  for (std::size_t i = 0; i < taken; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(taken);
    sample.push_back(static_cast<double>(histogram.value_at_percentile(share * 100)));
  }
  return sample;
}

CallFigures calls_between(const RunRecord& record, const model::DependencyProxy& proxy,
                          Duration from, Duration to) {
  const auto first = std::chrono::ceil<std::chrono::seconds>(from).count();
  const auto end = std::chrono::floor<std::chrono::seconds>(to).count();
  CallFigures figures;
  for (const model::DependencySecond& second : proxy.seconds) {
    if (second.second >= first && second.second < end) {
      figures.calls += second.calls;
      figures.failed +=
          second.calls - second.classes[static_cast<std::size_t>(model::AttemptClass::kSuccess)];
    }
  }
  const auto same = std::find_if(record.proxies.begin(), record.proxies.end(),
                                 [&](const auto& one) { return one.name == proxy.name; });
  const auto index = static_cast<std::size_t>(same - record.proxies.begin());
  for (const model::SecondSummary& second : record.seconds) {
    if (second.second >= first && second.second < end) {
      figures.inbound += second.counters.due;
      const std::uint64_t refused =
          index < second.proxies.size() ? second.proxies[index].refused : 0;
      figures.calls += refused;
      figures.failed += refused;
    }
  }
  return figures;
}

std::vector<const model::DependencyProxy*> proxies_of(const RunRecord& record,
                                                      const std::string& name) {
  std::vector<const model::DependencyProxy*> found;
  for (const model::DependencyProxy& proxy : record.dependencies.proxies) {
    if (name.empty() || proxy.name == name) {
      found.push_back(&proxy);
    }
  }
  return found;
}

std::string percent(double share) {
  return format_share(Share{share});
}

std::string time_text(double microseconds) {
  return format_duration(std::chrono::microseconds(static_cast<std::int64_t>(microseconds)));
}

}  // namespace squall::reports
