#include "loadgen/effects/blind_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "loadgen/effects/effect_accounting.hpp"
#include "tests/loadgen/effects/accounting_case.hpp"

namespace squall::effects {
namespace {

using model::EffectVerdict;
using model::OperationOutcome;
using model::OracleReading;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Counts = std::map<std::string, std::uint64_t, std::less<>>;

// Gives one reading after the other, the last one again and again; says what the test wants.
class DoubtfulOracle final : public model::Oracle, public TellsDoubt {
 public:
  Result<void> start(const model::OracleContext&) override { return {}; }
  Result<OracleReading> read(std::span<const std::string> keys, Duration) override {
    asked.assign(keys.begin(), keys.end());
    OracleReading reading;
    reading.counts = readings.front();
    if (readings.size() > 1) {
      readings.pop_front();
    }
    return reading;
  }
  [[nodiscard]] ReadingDoubt doubt() const override { return said; }
  [[nodiscard]] bool counts_asked_keys_only() const override { return by_key; }

  std::deque<Counts> readings{{}};
  ReadingDoubt said;
  bool by_key = false;
  std::vector<std::string> asked;
};

class BlindOracle : public ::testing::Test {
 protected:
  BlindOracle()
      : plan_(payment_plan()),
        oracle_(std::make_shared<DoubtfulOracle>()),
        ledger_(plan_.steps.size()) {
    plan_.effects.oracles.push_back(
        {.name = "ledger", .kind = &kind_, .oracle = oracle_, .where = {}});
    for (const char* key : {"a", "b", "c"}) {
      ledger_.add({.step = 1,
                   .arrival = ledger_.operations().size(),
                   .key = key,
                   .outcome = OperationOutcome::kAcked,
                   .attempts = 1});
    }
    accounting_ = std::make_unique<EffectAccounting>(plan_);
  }

  void take_baseline() {
    ASSERT_TRUE(accounting_->start({}));
    ASSERT_TRUE(accounting_->baseline(clock_, wait(), {}));
  }

  model::EffectReport settle(const Counts& after) {
    oracle_->readings = {after};
    const std::vector<std::string> keys = ledger_.keys();
    accounting_->settle(keys, clock_, wait(), {});
    return accounting_->report(ledger_, WallTime(), {});
  }

  Wait wait() {
    return [this](Duration pause) {
      clock_.advance(pause);
      return true;
    };
  }

  static std::uint64_t verdicts(const model::EffectReport& report, EffectVerdict verdict) {
    return report.steps.at(0).verdicts.at(static_cast<std::size_t>(verdict));
  }

  model::OracleKind kind_{.name = "fake", .summary = "", .example = ""};
  ManualClock clock_;
  model::Plan plan_;
  std::shared_ptr<DoubtfulOracle> oracle_;
  model::Ledger ledger_;
  std::unique_ptr<EffectAccounting> accounting_;
};

TEST_F(BlindOracle, AnOracleThatNeverShowsThePreflightsEffectProvesNoLoss) {
  oracle_->readings = {{{"of-others", 500}}};
  accounting_->tried({1, "preflight"});
  take_baseline();
  EXPECT_THAT(accounting_->unseen_in_baseline(), HasSubstr("preflight's buy.charge"));
  const model::EffectReport report = settle({{"of-others", 500}});
  EXPECT_EQ(verdicts(report, EffectVerdict::kUndecided), 3u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kLost), 0u);
  const std::string& problem = report.oracles.at(0).problem;
  EXPECT_THAT(problem, HasSubstr("no effect of buy.charge"));
  EXPECT_THAT(problem, HasSubstr("(key preflight)"));
  EXPECT_THAT(problem, HasSubstr("500 effects under other keys, of-others for one"));
}

TEST_F(BlindOracle, WhoSeesNothingSeesNoDuplicateEither) {
  ledger_.add({.step = 1,
               .arrival = 9,
               .key = "open",
               .outcome = OperationOutcome::kUnknown,
               .attempts = 2});
  accounting_->tried({1, "preflight"});
  take_baseline();
  EXPECT_EQ(verdicts(settle({}), EffectVerdict::kUndecided), 4u);
}

TEST_F(BlindOracle, WhatTheOracleSawIsTold) {
  oracle_->said.remark = "3 calls came, 0 matched POST /hook";
  accounting_->tried({1, "preflight"});
  take_baseline();
  EXPECT_THAT(settle({}).oracles.at(0).problem, HasSubstr("3 calls came, 0 matched POST /hook"));
}

TEST_F(BlindOracle, AShownPreflightMakesMissingEffectsLost) {
  oracle_->readings = {{{"preflight", 1}}};
  accounting_->tried({1, "preflight"});
  take_baseline();
  EXPECT_EQ(accounting_->unseen_in_baseline(), "");
  const model::EffectReport report = settle({{"preflight", 1}});
  EXPECT_EQ(verdicts(report, EffectVerdict::kLost), 3u);
  EXPECT_EQ(report.oracles.at(0).problem, "");
}

// A sink that fails its first calls never counts the preflight's.
TEST_F(BlindOracle, OneEffectOfTheLoadIsProofEnough) {
  accounting_->tried({1, "preflight"});
  take_baseline();
  const model::EffectReport report = settle({{"a", 1}});
  EXPECT_EQ(verdicts(report, EffectVerdict::kOk), 1u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kLost), 2u);
}

TEST_F(BlindOracle, APreflightThatAskedForNothingProvesNothing) {
  take_baseline();
  EXPECT_EQ(verdicts(settle({}), EffectVerdict::kLost), 3u);
}

TEST_F(BlindOracle, AnEffectThatComesAMomentLaterIsInTheBaseline) {
  oracle_->readings = {{}, {}, {{"preflight", 1}}};
  accounting_->tried({1, "preflight"});
  take_baseline();
  EXPECT_EQ(accounting_->unseen_in_baseline(), "");
  EXPECT_EQ(settle({{"preflight", 1}}).oracles.at(0).baseline, 1u);
}

TEST_F(BlindOracle, AnEffectThatComesDuringTheLoadIsProofAndNobodyElses) {
  accounting_->tried({1, "preflight"});
  take_baseline();
  EXPECT_NE(accounting_->unseen_in_baseline(), "");
  const model::EffectReport report = settle({{"preflight", 1}, {"a", 1}, {"b", 1}, {"c", 1}});
  EXPECT_EQ(verdicts(report, EffectVerdict::kOk), 3u);
  EXPECT_EQ(report.oracles.at(0).unattributed, 0u);
}

TEST_F(BlindOracle, AsksForThePreflightsKeyToo) {
  oracle_->by_key = true;
  accounting_->tried({1, "preflight"});
  take_baseline();
  EXPECT_THAT(oracle_->asked, ::testing::Contains("preflight"));
  settle({});
  EXPECT_THAT(oracle_->asked, ::testing::ElementsAre("a", "b", "c", "preflight"));
}

TEST_F(BlindOracle, AListThatGoesOnDoesNotProveThatSomethingIsLost) {
  oracle_->said = {.incomplete = true, .remark = "the list goes on"};
  oracle_->readings = {{{"preflight", 1}}};
  accounting_->tried({1, "preflight"});
  take_baseline();
  const model::EffectReport report = settle({{"preflight", 1}, {"a", 1}, {"b", 2}});
  EXPECT_EQ(verdicts(report, EffectVerdict::kOk), 1u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kDuplicate), 1u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kUndecided), 1u);
  EXPECT_THAT(report.oracles.at(0).problem, HasSubstr("the list goes on"));
}

TEST_F(BlindOracle, AListThatGoesOnIsFineWhenNothingIsMissing) {
  oracle_->said = {.incomplete = true, .remark = "the list goes on"};
  take_baseline();
  const model::EffectReport report = settle({{"a", 1}, {"b", 1}, {"c", 1}});
  EXPECT_EQ(verdicts(report, EffectVerdict::kOk), 3u);
  EXPECT_EQ(report.oracles.at(0).problem, "");
}

}  // namespace
}  // namespace squall::effects
