#include "reports/compare/compare_runs.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/compare/comparable.hpp"
#include "tests/loadgen/model/random_record.hpp"
#include "tests/reports/compare/synthetic_runs.hpp"

namespace squall::reports {
namespace {

using model::ComparisonVerdict;
using test::SyntheticRun;
using test::SyntheticRuns;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SyntheticRun steady(double scale = 1, double error_rate = 0) {
  SyntheticRun run;
  run.seconds = 30;
  run.per_second = 1000;
  run.run_deviation = 0;
  run.second_deviation = 0.01;
  run.scale = scale;
  run.error_rate = error_rate;
  return run;
}

ComparisonVerdict verdict_of(const model::ComparisonReport& report, std::string_view metric) {
  for (const model::MetricComparison& one : report.metrics) {
    if (one.metric == metric) {
      return one.verdict;
    }
  }
  ADD_FAILURE() << "no metric " << metric;
  return ComparisonVerdict::kInconclusive;
}

model::RunRecord with_effects(model::RunRecord record, std::uint64_t duplicates,
                              std::uint64_t lost) {
  record.effects.counted = true;
  model::EffectCounts counts;
  counts.step = "s.get";
  counts.operations = 1000;
  counts.verdicts[static_cast<std::size_t>(model::EffectVerdict::kDuplicate)] = duplicates;
  counts.verdicts[static_cast<std::size_t>(model::EffectVerdict::kLost)] = lost;
  record.effects.steps.push_back(counts);
  return record;
}

TEST(CompareRuns, ARecordIsTheSameAsItself) {
  SyntheticRuns runs(1);
  const model::RunRecord record = runs.make(steady());
  const auto report = compare_runs(record, record, {}, {"old", "new"});
  EXPECT_EQ(report.base, "old");
  EXPECT_EQ(verdict_of(report, "response p50"), ComparisonVerdict::kSame);
  EXPECT_EQ(verdict_of(report, "response p99"), ComparisonVerdict::kSame);
  EXPECT_EQ(verdict_of(report, "error_rate"), ComparisonVerdict::kSame);
  EXPECT_EQ(verdict_of(report, "achieved"), ComparisonVerdict::kSame);
  EXPECT_THAT(report.notes, testing::Contains(HasSubstr("squall ab")));
}

TEST(CompareRuns, SlowerIsWorseAndTheOtherWayRoundBetter) {
  SyntheticRuns runs(2);
  const model::RunRecord base = runs.make(steady());
  const model::RunRecord slow = runs.make(steady(1.2));
  const auto worse = compare_runs(base, slow, {}, {});
  EXPECT_EQ(worse.verdict, ComparisonVerdict::kWorse);
  EXPECT_EQ(verdict_of(worse, "response p50"), ComparisonVerdict::kWorse);
  EXPECT_EQ(verdict_of(worse, "error_rate"), ComparisonVerdict::kSame);
  for (const model::MetricComparison& metric : worse.metrics) {
    if (metric.metric == "response p50") {
      EXPECT_NEAR(metric.difference, 0.2, 0.02);
      EXPECT_LT(metric.low, metric.difference);
      EXPECT_GT(metric.high, metric.difference);
    }
  }
  const auto better = compare_runs(slow, base, {}, {});
  EXPECT_EQ(verdict_of(better, "response p50"), ComparisonVerdict::kBetter);
}

TEST(CompareRuns, WhatLiesWithinTheToleranceIsTheSame) {
  SyntheticRuns runs(3);
  const model::RunRecord base = runs.make(steady());
  const model::RunRecord slow = runs.make(steady(1.1));
  model::ComparisonSettings settings;
  settings.response = 0.3;
  EXPECT_EQ(verdict_of(compare_runs(base, slow, settings, {}), "response p50"),
            ComparisonVerdict::kSame);
  settings.response = 0.05;
  settings.response_slack = std::chrono::milliseconds(20);
  EXPECT_EQ(verdict_of(compare_runs(base, slow, settings, {}), "response p50"),
            ComparisonVerdict::kSame);
}

TEST(CompareRuns, MoreErrorsAreWorse) {
  SyntheticRuns runs(4);
  const auto report = compare_runs(runs.make(steady(1, 0.001)), runs.make(steady(1, 0.02)), {}, {});
  EXPECT_EQ(verdict_of(report, "error_rate"), ComparisonVerdict::kWorse);
  EXPECT_EQ(report.verdict, ComparisonVerdict::kWorse);
}

TEST(CompareRuns, OnlyWhatWasAskedForIsCompared) {
  SyntheticRuns runs(5);
  const model::RunRecord record = runs.make(steady());
  model::ComparisonSettings settings;
  settings.metrics = {"response p99"};
  const auto report = compare_runs(record, record, settings, {});
  ASSERT_EQ(report.metrics.size(), 1U);
  EXPECT_EQ(model::name_of(report.metrics[0]), "s.get clean response p99");
}

TEST(CompareRuns, EffectsAreComparedAsCounts) {
  SyntheticRuns runs(6);
  const model::RunRecord record = runs.make(steady());
  const auto none = compare_runs(with_effects(record, 0, 0), with_effects(record, 0, 0), {}, {});
  EXPECT_EQ(verdict_of(none, "duplicate_effects"), ComparisonVerdict::kSame);
  const auto one = compare_runs(with_effects(record, 0, 0), with_effects(record, 1, 0), {}, {});
  EXPECT_EQ(verdict_of(one, "duplicate_effects"), ComparisonVerdict::kWorse);
  EXPECT_EQ(one.verdict, ComparisonVerdict::kWorse);
  const auto fewer = compare_runs(with_effects(record, 0, 30), with_effects(record, 0, 2), {}, {});
  EXPECT_EQ(verdict_of(fewer, "lost_effects"), ComparisonVerdict::kBetter);
  const auto chance = compare_runs(with_effects(record, 5, 0), with_effects(record, 7, 0), {}, {});
  EXPECT_EQ(verdict_of(chance, "duplicate_effects"), ComparisonVerdict::kInconclusive);
}

TEST(CompareRuns, InvalidMeasurementsAreNotCompared) {
  SyntheticRuns runs(7);
  const model::RunRecord base = runs.make(steady());
  model::RunRecord invalid = runs.make(steady(1.5));
  invalid.breaches.push_back({"the generator was late", 3, false});
  const auto report = compare_runs(base, invalid, {}, {});
  for (const model::MetricComparison& metric : report.metrics) {
    EXPECT_EQ(metric.metric, "error_rate");
  }
  EXPECT_EQ(report.verdict, ComparisonVerdict::kInconclusive);
  EXPECT_THAT(report.notes, testing::Contains(HasSubstr("the generator was late")));
}

TEST(CompareRuns, RecordsWithoutCellsHaveNoIntervals) {
  SyntheticRuns runs(8);
  model::RunRecord old = runs.make(steady());
  for (model::SecondSummary& second : old.seconds) {
    second.cells.clear();
  }
  const auto report = compare_runs(old, runs.make(steady(1.5)), {}, {});
  EXPECT_EQ(verdict_of(report, "response p50"), ComparisonVerdict::kInconclusive);
  EXPECT_THAT(report.notes, testing::Contains(HasSubstr("how its seconds differed")));
}

// Seconds under a fault are slow in both runs alike: that is no scatter.
TEST(CompareRuns, PhasesOfThePlanAreStrata) {
  SyntheticRuns runs(9);
  const auto with_fault = [&](double scale) {
    SyntheticRun run = steady(scale);
    model::RunRecord calm = runs.make(run);
    run.scale *= 4;
    const model::RunRecord slow = runs.make(run);
    for (std::size_t i = 10; i < 20; ++i) {
      calm.seconds[i] = slow.seconds[i];
    }
    return calm;
  };
  model::RunRecord base = with_fault(1);
  model::RunRecord candidate = with_fault(1);
  const auto width = [&] {
    const auto report = compare_runs(base, candidate, {}, {});
    return report.metrics.at(0).high - report.metrics.at(0).low;
  };
  const double unknown = width();
  base.phase_bounds.cover(std::chrono::seconds(10), std::chrono::seconds(20));
  candidate.phase_bounds = base.phase_bounds;
  EXPECT_LT(width(), unknown / 3);
}

TEST(CompareRuns, ClosedScenariosAreComparedByTheirRate) {
  SyntheticRuns runs(10);
  model::RunRecord base = runs.make(steady());
  SyntheticRun slower = steady();
  slower.per_second = 800;
  model::RunRecord candidate = runs.make(slower);
  base.scenarios[0] = candidate.scenarios[0] = {"s", model::LoadModel::kClosed, "50 users"};
  EXPECT_EQ(verdict_of(compare_runs(base, candidate, {}, {}), "rate"), ComparisonVerdict::kWorse);
  EXPECT_EQ(verdict_of(compare_runs(candidate, base, {}, {}), "rate"), ComparisonVerdict::kBetter);
}

TEST(CompareRuns, RatesWithoutCellsAreToldWithoutInterval) {
  SyntheticRuns runs(14);
  SyntheticRun slower = steady();
  slower.per_second = 800;
  model::RunRecord base = runs.make(steady());
  model::RunRecord candidate = runs.make(slower);
  for (model::RunRecord* record : {&base, &candidate}) {
    record->scenarios[0] = {"s", model::LoadModel::kClosed, "50 users"};
    for (model::SecondSummary& second : record->seconds) {
      second.cells.clear();
    }
  }
  const auto report = compare_runs(base, candidate, {}, {});
  const auto rate =
      std::find_if(report.metrics.begin(), report.metrics.end(),
                   [](const model::MetricComparison& one) { return one.metric == "rate"; });
  ASSERT_NE(rate, report.metrics.end());
  EXPECT_NEAR(rate->difference, -0.2, 0.02);
  EXPECT_EQ(rate->verdict, ComparisonVerdict::kInconclusive);
}

TEST(CompareRuns, ARunThatMeasuredNothingIsNotTheSame) {
  SyntheticRuns runs(15);
  const model::RunRecord base = runs.make(steady());
  model::RunRecord refused = base;
  refused.operations.clear();
  refused.seconds.clear();
  const auto report = compare_runs(base, refused, {}, {});
  EXPECT_EQ(report.verdict, ComparisonVerdict::kInconclusive);
  EXPECT_THAT(report.notes, testing::Contains(HasSubstr("nothing was measured")));
}

TEST(Comparable, RunsOfTheSamePlanAre) {
  SyntheticRuns runs(11);
  EXPECT_THAT(why_not_comparable(runs.make({}), runs.make({})), IsEmpty());
}

TEST(Comparable, OtherPlansLoadsFaultsAndStepsAreNot) {
  SyntheticRuns runs(12);
  const model::RunRecord base = runs.make({});
  model::RunRecord other = base;
  other.plan_name = "another";
  EXPECT_THAT(why_not_comparable(base, other), ElementsAre(HasSubstr("other plans")));
  other = base;
  other.scenarios[0].load = "poisson 500/s";
  EXPECT_THAT(why_not_comparable(base, other), ElementsAre(HasSubstr("poisson 500/s")));
  other = base;
  other.faults.push_back({"twins", "duplicate", {}, "share 5%", {}, {}});
  EXPECT_THAT(why_not_comparable(base, other),
              ElementsAre(HasSubstr("fault \"twins\" is in the candidate alone")));
  other = base;
  other.steps[0].name = "s.put";
  EXPECT_THAT(why_not_comparable(base, other), ElementsAre(HasSubstr("no step in common")));
  other = base;
  other.steps[0].request = "GET /other";
  EXPECT_THAT(why_not_comparable(base, other), ElementsAre(HasSubstr("GET /other")));
  other = base;
  other.shard = {2, 4};
  EXPECT_THAT(why_not_comparable(base, other), ElementsAre(HasSubstr("shard 2/4")));
  other = base;
  other.capacity.stages.emplace_back();
  EXPECT_THAT(why_not_comparable(base, other), ElementsAre(HasSubstr("search for a capacity")));
}

TEST(Comparable, WhatElseDiffersIsTold) {
  SyntheticRuns runs(13);
  const model::RunRecord base = runs.make({});
  model::RunRecord other = base;
  other.connections = 7;
  other.host = "another";
  EXPECT_THAT(other_differences(base, other),
              ElementsAre("connections: 0 and 7", HasSubstr("host: ")));
  EXPECT_THAT(other_differences(base, base), IsEmpty());
}

// Records come from files: whatever stands in them is compared, or not, without harm.
TEST(Comparable, WhateverRecordsHoldIsReadWithoutHarm) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const model::RunRecord base = model::RandomRecord(seed).make();
    const model::RunRecord candidate = model::RandomRecord(seed + 1000).make();
    (void)why_not_comparable(base, candidate);
    for (const model::MetricComparison& metric : compare_runs(base, candidate, {}, {}).metrics) {
      EXPECT_TRUE(std::isfinite(metric.difference)) << seed << ' ' << model::name_of(metric);
      EXPECT_TRUE(std::isfinite(metric.low) && std::isfinite(metric.high)) << seed;
    }
  }
}

}  // namespace
}  // namespace squall::reports
