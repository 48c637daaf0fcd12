#include "reports/compare/compare_rounds.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::reports {
namespace {

using model::ComparisonVerdict;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

RunFigures run(double p50_us, std::uint64_t errors = 0) {
  RunFigures figures;
  StepFigures step{.step = "s.get", .exposure = model::Exposure::kClean, .percentiles = {}};
  step.percentiles[0] = p50_us;
  step.operations = 1000;
  step.errors = errors;
  figures.steps.push_back(step);
  figures.rates.push_back({"s.get", false, 1000, 1000, 100});
  return figures;
}

const model::MetricComparison& metric_of(const model::ComparisonReport& report,
                                         std::string_view name) {
  for (const model::MetricComparison& metric : report.metrics) {
    if (metric.metric == name) {
      return metric;
    }
  }
  throw std::out_of_range(std::string(name));
}

// Differences of 8%, 10% and 12%: the mean and Student's interval by hand.
TEST(CompareRounds, IsThePairedTestByHand) {
  const std::vector<Round> rounds = {
      {run(10'000), run(10'800)}, {run(20'000), run(22'000)}, {run(30'000), run(33'600)}};
  const auto report = compare_rounds(rounds, {}, {}, {"a", "b"});
  const auto& metric = metric_of(report, "response p50");
  const double logs[] = {std::log(1.08), std::log(1.10), std::log(1.12)};
  const double mean = (logs[0] + logs[1] + logs[2]) / 3;
  double squares = 0;
  for (const double value : logs) {
    squares += (value - mean) * (value - mean);
  }
  const double half = 4.302653 * std::sqrt(squares / 2 / 3);
  EXPECT_NEAR(metric.difference, std::expm1(mean), 1e-9);
  EXPECT_NEAR(metric.low, std::expm1(mean - half), 1e-6);
  EXPECT_NEAR(metric.high, std::expm1(mean + half), 1e-6);
  EXPECT_EQ(metric.verdict, ComparisonVerdict::kWorse);
  EXPECT_EQ(report.rounds, 3U);
  EXPECT_THAT(report.notes, Contains(HasSubstr("noise floor is not known")));
}

// Two A/A rounds that differ by 10% one way and the other, and three that differ by 10% exactly:
// nothing below t(4) * sqrt(2 * 0.0953^2 / 4 / 3) counts.
TEST(CompareRounds, WhatTheNoiseFloorCoversIsNotWorse) {
  std::vector<Round> rounds;
  for (const double p50 : {10'000.0, 10'100.0, 10'200.0}) {
    rounds.push_back({run(p50), run(p50 * 1.1)});
  }
  const std::vector<Round> noise = {{run(10'000), run(11'000)}, {run(11'000), run(10'000)}};
  const auto report = compare_rounds(rounds, noise, {}, {});
  const auto& metric = metric_of(report, "response p50");
  EXPECT_NEAR(metric.noise_floor, std::expm1(2.776445 * std::log(1.1) * std::sqrt(2.0 / 4 / 3)),
              1e-6);
  EXPECT_EQ(metric.verdict, ComparisonVerdict::kInconclusive);
  EXPECT_EQ(metric_of(compare_rounds(rounds, {}, {}, {}), "response p50").verdict,
            ComparisonVerdict::kWorse);
}

TEST(CompareRounds, ErrorsArePooledWithTheScatterBetweenRounds) {
  std::vector<Round> steady;
  std::vector<Round> bursts;
  for (std::uint64_t i = 0; i < 10; ++i) {
    steady.push_back({run(10'000, i % 2), run(10'000, 30 + i % 3)});
    bursts.push_back({run(10'000, 0), run(10'000, i == 0 ? 300 : 0)});
  }
  EXPECT_EQ(metric_of(compare_rounds(steady, {}, {}, {}), "error_rate").verdict,
            ComparisonVerdict::kWorse);
  EXPECT_EQ(metric_of(compare_rounds(bursts, {}, {}, {}), "error_rate").verdict,
            ComparisonVerdict::kInconclusive)
      << "one bad round of ten shows nothing";
}

TEST(CompareRounds, InvalidRoundsAreLeftOutAndTold) {
  std::vector<Round> rounds(4, {run(10'000), run(10'000)});
  rounds[1].candidate.void_latency = "invalid from 2s on: late";
  const auto report = compare_rounds(rounds, {}, {}, {});
  EXPECT_EQ(report.rounds, 3U);
  EXPECT_EQ(report.verdict, ComparisonVerdict::kInconclusive);
  EXPECT_THAT(report.notes, Contains(HasSubstr("1 of 4 rounds are left out")));
  EXPECT_EQ(compare_rounds({}, {}, {}, {}).verdict, ComparisonVerdict::kInconclusive);
}

// A run that was refused before its load measured nothing: its round is none, instead of taking
// the responses of all rounds with it.
TEST(CompareRounds, RoundsThatMeasuredNothingAreLeftOutAndTold) {
  model::RunRecord refused;
  refused.reasons = {"preflight: s.get 4xx, status 404"};
  std::vector<Round> rounds;
  for (const double p50 : {10'000.0, 10'100.0, 10'200.0, 10'300.0}) {
    rounds.push_back({run(p50), run(p50 * 1.5)});
  }
  rounds[1].candidate = figures_of(refused);
  const auto report = compare_rounds(rounds, {}, {}, {});
  EXPECT_EQ(report.rounds, 3U);
  EXPECT_EQ(metric_of(report, "response p50").verdict, ComparisonVerdict::kWorse);
  EXPECT_THAT(report.notes, Contains(AllOf(HasSubstr("1 of 4 rounds are left out"),
                                           HasSubstr("preflight: s.get 4xx"))));
  for (Round& round : rounds) {
    round.candidate = figures_of(refused);
  }
  EXPECT_EQ(compare_rounds(rounds, {}, {}, {}).rounds, 0U);
}

TEST(CompareRounds, RoundsWhoseEffectsAreNotKnownDoNotHideTheOthers) {
  std::vector<Round> rounds(3, {run(10'000), run(10'000)});
  for (Round& round : rounds) {
    round.base.effects_counted = round.candidate.effects_counted = true;
    round.base.effects.push_back({"s.get", 1000, 0, 0, 0});
    round.candidate.effects.push_back({"s.get", 1000, 1, 0, 0});
  }
  rounds[0].base.effects_counted = false;
  rounds[1].candidate.void_effects = "the effects of 2 operations are not known";
  const auto report = compare_rounds(rounds, {}, {}, {});
  EXPECT_EQ(metric_of(report, "duplicate_effects").candidate, 1);
  EXPECT_EQ(report.verdict, ComparisonVerdict::kWorse);
  EXPECT_THAT(report.notes, Contains(HasSubstr("2 of 3 rounds' effects are left out")));
  rounds[2].candidate.effects[0].duplicates = 0;
  EXPECT_EQ(compare_rounds(rounds, {}, {}, {}).verdict, ComparisonVerdict::kInconclusive)
      << "two rounds might have had some";
}

TEST(CompareRounds, EffectsOfAllRoundsAreAddedUp) {
  std::vector<Round> rounds(3, {run(10'000), run(10'000)});
  for (Round& round : rounds) {
    round.base.effects_counted = round.candidate.effects_counted = true;
    round.base.effects.push_back({"s.get", 1000, 0, 0, 0});
    round.candidate.effects.push_back({"s.get", 1000, 1, 0, 0});
  }
  const auto report = compare_rounds(rounds, {}, {}, {});
  EXPECT_EQ(metric_of(report, "duplicate_effects").candidate, 3);
  EXPECT_EQ(report.verdict, ComparisonVerdict::kWorse);
}

}  // namespace
}  // namespace squall::reports
