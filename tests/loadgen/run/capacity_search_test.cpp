// The search against services whose true capacity is known.
#include "loadgen/run/capacity_search.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "loadgen/base/rng.hpp"

namespace squall::run {
namespace {

using model::CapacityLimit;
using model::StageVerdict;

struct Searched {
  model::Capacity capacity;
  std::vector<NextStage> stages;
};

Searched search(const CapacityOptions& options,
                const std::function<StageVerdict(const NextStage&)>& service) {
  CapacitySearch search(options);
  Searched result;
  while (const auto stage = search.next()) {
    result.stages.push_back(*stage);
    if (result.stages.size() > 100) {
      ADD_FAILURE() << "the search does not end";
      break;
    }
    search.add(service(*stage));
  }
  result.capacity = search.result();
  return result;
}

std::function<StageVerdict(const NextStage&)> carries(double rate) {
  return [rate](const NextStage& stage) {
    return stage.rate.per_second <= rate ? StageVerdict::kPass : StageVerdict::kFail;
  };
}

TEST(CapacitySearch, FindsTheRateFromBelowAndFromAbove) {
  for (const double truth : {3.0, 97.0, 100.0, 730.0, 12'345.0}) {
    const Searched found = search({}, carries(truth));
    EXPECT_TRUE(found.capacity.confirmed) << truth;
    EXPECT_EQ(found.capacity.limit, CapacityLimit::kTarget);
    EXPECT_LE(found.capacity.rate.per_second, truth);
    EXPECT_GT(found.capacity.upper.per_second, truth);
    EXPECT_LE(found.capacity.upper.per_second, found.capacity.rate.per_second * 1.05);
    EXPECT_LE(found.stages.size(), 20U);
    EXPECT_TRUE(found.stages.back().confirmation);
    EXPECT_DOUBLE_EQ(found.stages.back().rate.per_second, found.capacity.rate.per_second);
  }
}

TEST(CapacitySearch, EndsAtTheHighestRateAskedFor) {
  const Searched found = search({.highest = Rate{1000}}, carries(1e9));
  EXPECT_EQ(found.capacity.limit, CapacityLimit::kMaximum);
  EXPECT_TRUE(found.capacity.confirmed);
  EXPECT_DOUBLE_EQ(found.capacity.rate.per_second, 1000);
  EXPECT_DOUBLE_EQ(found.capacity.upper.per_second, 0);
}

TEST(CapacitySearch, SaysWhenNothingPasses) {
  const Searched found = search({.start = Rate{64}, .lowest = Rate{1}}, carries(0.5));
  EXPECT_EQ(found.capacity.limit, CapacityLimit::kNothing);
  EXPECT_FALSE(found.capacity.confirmed);
  EXPECT_DOUBLE_EQ(found.capacity.rate.per_second, 0);
  EXPECT_EQ(found.stages.size(), 7U);  // 64, 32, … 1
}

TEST(CapacitySearch, TriesAnInvalidStageOnceMore) {
  unsigned hiccups = 0;
  const Searched found = search({}, [&](const NextStage& stage) {
    if (stage.rate.per_second > 300 && hiccups == 0) {
      ++hiccups;
      return StageVerdict::kInvalid;
    }
    return carries(730)(stage);
  });
  EXPECT_EQ(found.capacity.limit, CapacityLimit::kTarget);
  EXPECT_LE(found.capacity.rate.per_second, 730);
  EXPECT_GT(found.capacity.upper.per_second, 730);
}

TEST(CapacitySearch, NamesTheGeneratorWhenItIsTheLimit) {
  const Searched found = search({}, [](const NextStage& stage) {
    return stage.rate.per_second > 5000 ? StageVerdict::kInvalid : StageVerdict::kPass;
  });
  EXPECT_EQ(found.capacity.limit, CapacityLimit::kGenerator);
  EXPECT_TRUE(found.capacity.confirmed);
  EXPECT_LE(found.capacity.rate.per_second, 5000);
}

TEST(CapacitySearch, GoesOnBelowAConfirmationThatFails) {
  // Short stages pass up to 1000, the longer one only up to 900: a queue that fills slowly.
  const Searched found = search(
      {}, [](const NextStage& stage) { return carries(stage.confirmation ? 900 : 1000)(stage); });
  EXPECT_TRUE(found.capacity.confirmed);
  EXPECT_LE(found.capacity.rate.per_second, 900);
  EXPECT_GT(found.capacity.rate.per_second, 700);
}

TEST(CapacitySearch, GivesUpOnAServiceThatNeverConfirms) {
  const Searched found = search({.confirmations = 2}, [](const NextStage& stage) {
    return stage.confirmation ? StageVerdict::kFail : carries(1000)(stage);
  });
  EXPECT_FALSE(found.capacity.confirmed);
  EXPECT_EQ(found.capacity.limit, CapacityLimit::kNothing);
}

// As a p99 of so many operations in an ordinary stage of ten seconds.
std::function<StageVerdict(const NextStage&)> carries_and_needs(double rate, double samples) {
  return [=](const NextStage& stage) {
    const bool enough = stage.rate.per_second * 10 * stage.length >= samples;
    return enough ? carries(rate)(stage) : StageVerdict::kInconclusive;
  };
}

TEST(CapacitySearch, GoesUpWhileThereAreTooFewSamples) {
  const Searched found = search({.start = Rate{20}}, carries_and_needs(730, 300));
  EXPECT_TRUE(found.capacity.confirmed);
  EXPECT_LE(found.capacity.rate.per_second, 730);
  EXPECT_GT(found.capacity.upper.per_second, 730);
  EXPECT_DOUBLE_EQ(found.stages[1].rate.per_second, 40);
  for (const NextStage& stage : found.stages) {
    EXPECT_GE(stage.rate.per_second, 20) << "never down";
    EXPECT_DOUBLE_EQ(stage.length, stage.confirmation ? 3 : 1) << stage.rate.per_second;
  }
}

TEST(CapacitySearch, MeasuresForLongerBelowARateThatFailed) {
  // What carries 25/s needs stages of four lengths to show it.
  const Searched found = search({.start = Rate{20}}, carries_and_needs(25, 700));
  EXPECT_TRUE(found.capacity.confirmed);
  EXPECT_LE(found.capacity.rate.per_second, 25);
  EXPECT_GT(found.capacity.upper.per_second, 25);
  EXPECT_LE(found.capacity.upper.per_second, found.capacity.rate.per_second * 1.06);
  for (const NextStage& stage : found.stages) {
    EXPECT_LE(stage.length, CapacitySearch::kLongest) << stage.rate.per_second;
  }
}

TEST(CapacitySearch, AnUndecidedRateIsNotOneThatDidNotHold) {
  const Searched found = search({.start = Rate{20}}, carries_and_needs(30, 1e6));
  // Up to the highest rate: 1M/s is 1e7 samples, which fail; then longer stages of half of it.
  EXPECT_EQ(found.capacity.limit, CapacityLimit::kTarget);
  const Searched never = search({.start = Rate{20}, .highest = Rate{100}},
                                [](const NextStage&) { return StageVerdict::kInconclusive; });
  EXPECT_EQ(never.capacity.limit, CapacityLimit::kUndecided);
  EXPECT_FALSE(never.capacity.confirmed);
  EXPECT_DOUBLE_EQ(never.capacity.rate.per_second, 0);
  EXPECT_DOUBLE_EQ(never.stages.back().rate.per_second, 100);
  EXPECT_DOUBLE_EQ(never.stages.back().length, CapacitySearch::kLongest);
}

TEST(CapacitySearch, WhatStaysUndecidedAboveAPassIsTheUpperEnd) {
  const Searched found = search({.start = Rate{100}}, [](const NextStage& stage) {
    const double rate = stage.rate.per_second;
    return rate > 800   ? StageVerdict::kFail
           : rate > 300 ? StageVerdict::kInconclusive
                        : StageVerdict::kPass;
  });
  EXPECT_EQ(found.capacity.limit, CapacityLimit::kUndecided);
  EXPECT_TRUE(found.capacity.confirmed);
  EXPECT_LE(found.capacity.rate.per_second, 300);
  EXPECT_GT(found.capacity.upper.per_second, 300);
}

TEST(CapacitySearch, AnUndecidedConfirmationIsRepeatedForLongerAndThenUnconfirmed) {
  const Searched found = search({}, [](const NextStage& stage) {
    return stage.confirmation ? StageVerdict::kInconclusive : carries(1000)(stage);
  });
  EXPECT_FALSE(found.capacity.confirmed);
  EXPECT_EQ(found.capacity.limit, CapacityLimit::kTarget);
  EXPECT_GT(found.capacity.rate.per_second, 900);
  EXPECT_DOUBLE_EQ(found.stages.back().length, 6);
}

TEST(CapacitySearch, RatesHaveFourDigits) {
  const Searched found = search({.start = Rate{7}}, carries(6543));
  for (const NextStage& stage : found.stages) {
    const double rate = stage.rate.per_second;
    EXPECT_DOUBLE_EQ(rate, std::round(rate * 1000) / 1000);
    EXPECT_TRUE(rate < 1000 || rate == std::round(rate)) << rate;
  }
}

TEST(CapacitySearch, ComesCloseToANoisyService) {
  // Within 5% of the true capacity a stage is decided by a coin.
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Rng rng(StreamId(seed, "", "noisy"));
    const Searched found = search({}, [&](const NextStage& stage) {
      const double load = stage.rate.per_second / 2000;
      const bool pass = load < 0.95 || (load < 1.05 && rng.next_unit() < 0.5);
      return pass ? StageVerdict::kPass : StageVerdict::kFail;
    });
    EXPECT_GE(found.capacity.rate.per_second, 1500) << seed;
    EXPECT_LE(found.capacity.rate.per_second, 2100) << seed;
  }
}

}  // namespace
}  // namespace squall::run
