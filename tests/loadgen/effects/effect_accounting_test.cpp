#include "loadgen/effects/effect_accounting.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/loadgen/effects/accounting_case.hpp"

namespace squall::effects {
namespace {

using model::EffectVerdict;
using model::OperationOutcome;
using model::OracleReading;
using namespace std::chrono_literals;
using Counts = std::map<std::string, std::uint64_t, std::less<>>;

// Says what the test wants it to say now.
class FakeOracle final : public model::Oracle {
 public:
  Result<void> start(const model::OracleContext&) override {
    if (!start_problem.empty()) {
      return fail(ErrorCode::kUnavailable, start_problem);
    }
    return {};
  }
  Result<OracleReading> read(std::span<const std::string> keys, Duration) override {
    asked.assign(keys.begin(), keys.end());
    return now;
  }

  [[nodiscard]] bool counts_total_only() const override { return total_only; }

  bool total_only = false;
  std::string start_problem;
  Result<OracleReading> now = OracleReading();
  std::vector<std::string> asked;
};

OracleReading counts(Counts by_key) {
  OracleReading reading;
  reading.counts = std::move(by_key);
  return reading;
}

OracleReading in_all(std::uint64_t total) {
  OracleReading reading;
  reading.total = total;
  return reading;
}

class EffectAccountingTest : public ::testing::Test {
 protected:
  EffectAccountingTest() : plan_(payment_plan()), ledger_(plan_.steps.size()) {}

  FakeOracle& add_oracle(const std::string& name) {
    auto oracle = std::make_shared<FakeOracle>();
    plan_.effects.oracles.push_back({.name = name, .kind = &kind_, .oracle = oracle, .where = {}});
    return *oracle;
  }

  void operation(std::uint64_t arrival, const std::string& key, OperationOutcome outcome,
                 std::uint32_t attempts = 1) {
    ledger_.add(
        {.step = 1, .arrival = arrival, .key = key, .outcome = outcome, .attempts = attempts});
  }

  Result<void> take_baseline() {
    accounting_ = std::make_unique<EffectAccounting>(plan_);
    EXPECT_TRUE(accounting_->start({}));
    return accounting_->baseline(clock_, wait(), {});
  }

  void settle() {
    const std::vector<std::string> keys = ledger_.keys();
    accounting_->settle(keys, clock_, wait(), {});
  }

  model::EffectReport report() {
    return accounting_->report(ledger_, WallTime(1'700'000'000s),
                               [this](const std::set<std::string>& keys) {
                                 fetched_ = keys;
                                 return attempts_;
                               });
  }

  // Baseline, load, settling and report in one.
  model::EffectReport run(FakeOracle& oracle, OracleReading after) {
    EXPECT_TRUE(take_baseline());
    oracle.now = std::move(after);
    settle();
    return report();
  }

  static std::uint64_t verdicts(const model::EffectReport& report, EffectVerdict verdict) {
    EXPECT_EQ(report.steps.size(), 1u);
    return report.steps.at(0).verdicts.at(static_cast<std::size_t>(verdict));
  }

  Wait wait() {
    return [this](Duration pause) {
      clock_.advance(pause);
      return true;
    };
  }

  model::OracleKind kind_{.name = "fake", .summary = "", .example = ""};
  ManualClock clock_;
  model::Plan plan_;
  model::Ledger ledger_;
  std::unique_ptr<EffectAccounting> accounting_;
  std::vector<model::EffectAttempt> attempts_;
  std::set<std::string> fetched_;
};

TEST_F(EffectAccountingTest, JudgesByTheFirstOracle) {
  FakeOracle& oracle = add_oracle("ledger");
  oracle.now = counts({{"old", 4}, {"twice", 1}});
  operation(1, "once", OperationOutcome::kAcked);
  operation(2, "twice", OperationOutcome::kAcked, 2);
  operation(3, "lost", OperationOutcome::kAcked);
  operation(4, "ghost", OperationOutcome::kRejected);
  operation(5, "open", OperationOutcome::kUnknown);
  const model::EffectReport report =
      run(oracle, counts({{"once", 1}, {"twice", 3}, {"ghost", 1}, {"old", 6}, {"other", 1}}));
  EXPECT_TRUE(report.counted);
  EXPECT_EQ(verdicts(report, EffectVerdict::kOk), 2u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kDuplicate), 1u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kLost), 1u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kPhantom), 1u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kUndecided), 0u);
  ASSERT_EQ(report.oracles.size(), 1u);
  EXPECT_EQ(report.oracles[0].name, "ledger");
  EXPECT_EQ(report.oracles[0].kind, "fake");
  EXPECT_EQ(report.oracles[0].baseline, 5u);
  EXPECT_EQ(report.oracles[0].settled, 12u);
  EXPECT_EQ(report.oracles[0].unattributed, 3u);
  EXPECT_TRUE(report.oracles[0].stable);
  EXPECT_EQ(report.oracles[0].problem, "");
  EXPECT_EQ(oracle.asked.size(), 5u);
  ASSERT_EQ(report.cases.size(), 3u);
  EXPECT_EQ(report.cases[0].operation.key, "twice");
  EXPECT_EQ(report.cases[0].effects, 2u);
}

TEST_F(EffectAccountingTest, CasesHaveTheirTimelineAndACommand) {
  FakeOracle& oracle = add_oracle("ledger");
  operation(2, "twice", OperationOutcome::kAcked, 2);
  const auto attempt = [](std::uint64_t arrival, std::uint32_t copy, Duration first_byte) {
    model::EffectAttempt one;
    one.step = 1;
    one.arrival = arrival;
    one.copy = copy;
    one.key = "twice";
    one.intended = 5s;
    one.first_byte = first_byte;
    one.detail = "got t0p'secret";
    return one;
  };
  attempts_ = {attempt(2, 1, 7s), attempt(9, 0, 1s), attempt(2, 0, 6s)};
  const model::EffectReport report = run(oracle, counts({{"twice", 2}}));
  ASSERT_EQ(report.cases.size(), 1u);
  const model::EffectCase& one = report.cases[0];
  EXPECT_EQ(fetched_, std::set<std::string>{"twice"});
  ASSERT_EQ(one.timeline.size(), 2u) << "an attempt of another arrival is none of this one's";
  EXPECT_EQ(one.timeline[0].first_byte, 6s);
  EXPECT_EQ(one.timeline[1].first_byte, 7s);
  EXPECT_EQ(one.timeline[0].detail, "got ***");
  EXPECT_TRUE(one.curl.starts_with("for n in 1 2; do"));
  EXPECT_NE(one.curl.find("22:13:25 GMT"), std::string::npos) << "t = 0 plus the intended start";
  EXPECT_EQ(one.curl.find("secret"), std::string::npos);
}

TEST_F(EffectAccountingTest, CasesAreBoundedForEachVerdict) {
  FakeOracle& oracle = add_oracle("ledger");
  OracleReading after;
  for (std::uint64_t arrival = 0; arrival < 200; ++arrival) {
    const std::string key = "k" + std::to_string(arrival);
    operation(arrival, key, OperationOutcome::kAcked);
    if (arrival >= 100) {
      after.counts[key] = 2;
    }
  }
  const model::EffectReport report = run(oracle, after);
  EXPECT_EQ(verdicts(report, EffectVerdict::kLost), 100u);
  EXPECT_EQ(verdicts(report, EffectVerdict::kDuplicate), 100u);
  ASSERT_EQ(report.cases.size(), 20u);
  EXPECT_EQ(report.cases[0].operation.arrival, 0u);
  EXPECT_EQ(report.cases[19].operation.arrival, 109u);
  EXPECT_EQ(fetched_.size(), 200u) << "all wrong operations are explained";
}

TEST_F(EffectAccountingTest, TellsHowWrongOperationsCameAbout) {
  FakeOracle& oracle = add_oracle("ledger");
  OracleReading after;
  const auto attempt = [this](std::uint64_t arrival, std::uint32_t number,
                              std::vector<std::uint16_t> faults) {
    model::EffectAttempt one;
    one.step = 1;
    one.arrival = arrival;
    one.attempt = number;
    one.faults = std::move(faults);
    attempts_.push_back(std::move(one));
  };
  for (std::uint64_t arrival = 0; arrival < 5; ++arrival) {
    const std::string key = "k" + std::to_string(arrival);
    operation(arrival, key, OperationOutcome::kAcked);
    after.counts[key] = arrival < 3 ? 2 : 1;
  }
  attempt(0, 0, {3, 1});
  attempt(1, 0, {1});
  attempt(1, 1, {3});
  attempt(2, 0, {1, 3});
  attempt(4, 0, {1, 3});
  const model::EffectReport report = run(oracle, after);
  ASSERT_EQ(report.origins.size(), 2u);
  EXPECT_EQ(report.origins[0].step, "buy.charge");
  EXPECT_EQ(report.origins[0].verdict, EffectVerdict::kDuplicate);
  EXPECT_EQ(report.origins[0].faults, (std::vector<std::uint16_t>{1, 3}));
  EXPECT_FALSE(report.origins[0].retried);
  EXPECT_EQ(report.origins[0].operations, 2u) << "the one of arrival 4 is right";
  EXPECT_TRUE(report.origins[1].retried);
  EXPECT_EQ(report.origins[1].operations, 1u);
}

TEST_F(EffectAccountingTest, AnUnreachableOracleLeavesEverythingUndecided) {
  FakeOracle& oracle = add_oracle("ledger");
  operation(1, "a", OperationOutcome::kAcked);
  operation(2, "b", OperationOutcome::kNotSent);
  EXPECT_TRUE(take_baseline());
  oracle.now = fail(ErrorCode::kUnavailable, "refused with t0p'secret");
  settle();
  const model::EffectReport after = report();
  EXPECT_EQ(verdicts(after, EffectVerdict::kUndecided), 2u);
  EXPECT_EQ(verdicts(after, EffectVerdict::kOk), 0u);
  EXPECT_EQ(after.oracles[0].problem, "after the load: refused with ***");
  EXPECT_FALSE(after.oracles[0].stable);
}

TEST_F(EffectAccountingTest, WithoutABaselineNothingIsDecided) {
  FakeOracle& oracle = add_oracle("ledger");
  oracle.now = fail(ErrorCode::kUnavailable, "refused");
  operation(1, "a", OperationOutcome::kAcked);
  const Result<void> baseline = take_baseline();
  ASSERT_FALSE(baseline);
  EXPECT_NE(baseline.error().message.find("ledger"), std::string::npos);
  EXPECT_NE(baseline.error().message.find("refused"), std::string::npos);
  oracle.now = counts({{"a", 1}});
  settle();
  EXPECT_EQ(verdicts(report(), EffectVerdict::kUndecided), 1u);
}

TEST_F(EffectAccountingTest, WhatWasNeverAskedIsUndecided) {
  add_oracle("ledger");
  operation(1, "a", OperationOutcome::kAcked);
  EXPECT_TRUE(take_baseline());
  EXPECT_EQ(verdicts(report(), EffectVerdict::kUndecided), 1u)
      << "a run that ended before settling";
}

TEST_F(EffectAccountingTest, APlanWithoutAnOracleDecidesNothing) {
  operation(1, "a", OperationOutcome::kAcked);
  EXPECT_TRUE(take_baseline());
  settle();
  const model::EffectReport after = report();
  EXPECT_EQ(verdicts(after, EffectVerdict::kUndecided), 1u);
  EXPECT_TRUE(after.oracles.empty());
}

TEST_F(EffectAccountingTest, UndecidedKeysSpareTheOthers) {
  FakeOracle& oracle = add_oracle("ledger");
  operation(1, "a", OperationOutcome::kAcked);
  operation(2, "b", OperationOutcome::kAcked);
  OracleReading after = counts({{"a", 1}});
  after.undecided.insert("b");
  after.undecided_reason = "answered 500";
  const model::EffectReport seen = run(oracle, after);
  EXPECT_EQ(verdicts(seen, EffectVerdict::kOk), 1u);
  EXPECT_EQ(verdicts(seen, EffectVerdict::kUndecided), 1u);
  EXPECT_EQ(seen.oracles[0].problem, "1 keys undecided: answered 500");
}

TEST_F(EffectAccountingTest, OraclesThatDisagreeAreReportedAndTheFirstOneDecides) {
  FakeOracle& first = add_oracle("ledger");
  FakeOracle& second = add_oracle("psp");
  first.now = counts({{"k00", 1}});
  OracleReading from_first;
  OracleReading from_second;
  for (int number = 0; number < 40; ++number) {
    const std::string key = (number < 10 ? "k0" : "k") + std::to_string(number);
    operation(static_cast<std::uint64_t>(number), key, OperationOutcome::kAcked);
    from_first.counts[key] = number == 0 ? 2 : 1;
    from_second.counts[key] = number < 10 ? 1 : 2;
  }
  EXPECT_TRUE(take_baseline());
  first.now = from_first;
  second.now = from_second;
  settle();
  const model::EffectReport after = report();
  EXPECT_EQ(verdicts(after, EffectVerdict::kOk), 40u);
  EXPECT_EQ(after.disagreement_count, 30u) << "k00 agrees once the baselines are subtracted";
  ASSERT_EQ(after.disagreements.size(), 20u);
  EXPECT_EQ(after.disagreements[0], "k10: ledger counts 1, psp counts 2");
}

TEST_F(EffectAccountingTest, ATotalIsComparedWithTheSumOfTheFirstOracle) {
  FakeOracle& first = add_oracle("ledger");
  FakeOracle& second = add_oracle("balance");
  second.total_only = true;
  first.now = counts({{"old", 2}});
  second.now = in_all(0);
  operation(1, "a", OperationOutcome::kAcked);
  operation(2, "b", OperationOutcome::kAcked);
  EXPECT_TRUE(take_baseline());
  first.now = counts({{"old", 3}, {"a", 1}, {"b", 1}});  // somebody else's counts in both
  second.now = in_all(3);
  settle();
  EXPECT_EQ(report().disagreement_count, 0u);
  EXPECT_EQ(report().oracles[1].problem, "");
  EXPECT_TRUE(report().oracles[1].total_only);
  EXPECT_EQ(report().oracles[1].settled, 3u);
  EXPECT_TRUE(second.asked.empty()) << "keys are of no use to it";
  second.now = in_all(5);
  settle();
  const model::EffectReport after = report();
  EXPECT_EQ(after.disagreement_count, 1u);
  EXPECT_EQ(after.disagreements.at(0), "all keys together: ledger counts 3, balance counts 5");
  EXPECT_EQ(verdicts(after, EffectVerdict::kOk), 2u) << "the first one decides";
}

TEST_F(EffectAccountingTest, ATotalAloneDecidesNoOperationButProvesWhatItCan) {
  FakeOracle& oracle = add_oracle("balance");
  oracle.total_only = true;
  oracle.now = in_all(0);
  operation(1, "a", OperationOutcome::kAcked);
  operation(2, "b", OperationOutcome::kAcked);
  operation(3, "c", OperationOutcome::kUnknown);
  const model::EffectReport fits = run(oracle, in_all(2));
  EXPECT_EQ(verdicts(fits, EffectVerdict::kUndecided), 3u);
  EXPECT_EQ(fits.surely_lost, 0u);
  EXPECT_EQ(fits.surely_duplicate, 0u);
  EXPECT_EQ(fits.oracles[0].problem, "");
  oracle.now = in_all(1);
  settle();
  EXPECT_EQ(report().surely_lost, 1u);
  oracle.now = in_all(4);
  settle();
  EXPECT_EQ(report().surely_duplicate, 1u);
  EXPECT_EQ(report().surely_lost, 0u);
}

TEST_F(EffectAccountingTest, TheTotalOfTheBaselineHasToRestAfterThePreflight) {
  FakeOracle& oracle = add_oracle("balance");
  oracle.total_only = true;
  oracle.now = in_all(0);
  accounting_ = std::make_unique<EffectAccounting>(plan_);
  ASSERT_TRUE(accounting_->start({}));
  accounting_->tried({.step = 1, .key = "preflight"});
  const Wait late = [&](Duration pause) {
    clock_.advance(pause);
    oracle.now = in_all(1);  // the preflight's effect comes a moment later
    return true;
  };
  EXPECT_TRUE(accounting_->baseline(clock_, late, {}));
  EXPECT_EQ(accounting_->unseen_in_baseline(), "");
  operation(1, "a", OperationOutcome::kAcked);
  oracle.now = in_all(2);
  settle();
  EXPECT_EQ(report().surely_lost, 0u);
  EXPECT_EQ(report().surely_duplicate, 0u);
}

TEST_F(EffectAccountingTest, ASecondOracleThatFailsIsNoted) {
  FakeOracle& first = add_oracle("ledger");
  FakeOracle& second = add_oracle("psp");
  second.now = fail(ErrorCode::kUnavailable, "down");
  operation(1, "a", OperationOutcome::kAcked);
  const model::EffectReport after = run(first, counts({{"a", 1}}));
  EXPECT_EQ(verdicts(after, EffectVerdict::kOk), 1u);
  EXPECT_EQ(after.oracles[1].problem, "before the load: down");
  EXPECT_EQ(after.disagreement_count, 0u);
}

TEST_F(EffectAccountingTest, SaysWhichOracleCannotStart) {
  add_oracle("ledger");
  add_oracle("mail").start_problem = "port taken";
  EffectAccounting accounting(plan_);
  const Result<void> started = accounting.start({});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "oracle mail: port taken");
}

}  // namespace
}  // namespace squall::effects
