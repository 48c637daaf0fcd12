// How often comparisons of synthetic runs say what.
#pragma once

#include <algorithm>
#include <vector>

#include "reports/compare/compare_rounds.hpp"
#include "reports/compare/compare_runs.hpp"
#include "tests/reports/compare/synthetic_runs.hpp"

namespace squall::test {

// Of so many comparisons.
struct Tally {
  int comparisons = 0;
  int alarms = 0;  // any metric better or worse
  int worse = 0;   // the whole
  int p99_worse = 0;
  int same = 0;  // the whole

  void add(const model::ComparisonReport& report) {
    using model::ComparisonVerdict;
    const auto any = [&](auto matches) {
      return std::any_of(report.metrics.begin(), report.metrics.end(), matches) ? 1 : 0;
    };
    ++comparisons;
    alarms += any([](const auto& metric) {
      return metric.verdict == ComparisonVerdict::kWorse ||
             metric.verdict == ComparisonVerdict::kBetter;
    });
    worse += report.verdict == ComparisonVerdict::kWorse ? 1 : 0;
    same += report.verdict == ComparisonVerdict::kSame ? 1 : 0;
    p99_worse += any([](const auto& metric) {
      return metric.metric == "response p99" && metric.verdict == ComparisonVerdict::kWorse;
    });
  }
};

struct RoundCounts {
  int rounds = 10;
  int noise_rounds = 3;
};

// What `squall ab` does with the runs that it makes.
inline Tally tally_rounds(SyntheticRuns& runs, const SyntheticRun& base,
                          const SyntheticRun& candidate, int comparisons, RoundCounts counts = {}) {
  Tally tally;
  const auto pairs = [&](int count, const SyntheticRun& other) {
    std::vector<reports::Round> rounds;
    for (int i = 0; i < count; ++i) {
      auto first = reports::figures_of(runs.make(base));
      rounds.push_back({std::move(first), reports::figures_of(runs.make(other))});
    }
    return rounds;
  };
  for (int i = 0; i < comparisons; ++i) {
    const auto noise = pairs(counts.noise_rounds, base);
    tally.add(reports::compare_rounds(pairs(counts.rounds, candidate), noise, {}, {}));
  }
  return tally;
}

// What `squall compare` does.
inline Tally tally_runs(SyntheticRuns& runs, const SyntheticRun& base,
                        const SyntheticRun& candidate, int comparisons) {
  Tally tally;
  for (int i = 0; i < comparisons; ++i) {
    const model::RunRecord first = runs.make(base);
    tally.add(reports::compare_runs(first, runs.make(candidate), {}, {}));
  }
  return tally;
}

}  // namespace squall::test
