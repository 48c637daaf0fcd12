// The baseline of oracles that count only the keys that they are asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "loadgen/effects/effect_accounting.hpp"
#include "loadgen/effects/planned_keys.hpp"
#include "tests/loadgen/effects/accounting_case.hpp"
#include "tests/loadgen/effects/oracle_case.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Books of somebody else's: answers for the keys that it is asked for, or lists all.
class Books final : public model::Oracle {
 public:
  explicit Books(bool by_key) : by_key_(by_key) {}

  Result<void> start(const model::OracleContext& /*context*/) override { return {}; }
  Result<OracleReading> read(std::span<const std::string> keys, Duration /*budget*/) override {
    asked.assign(keys.begin(), keys.end());
    OracleReading reading;
    if (!by_key_) {
      reading.counts = counts;
      return reading;
    }
    for (const std::string& key : keys) {
      const auto found = counts.find(key);
      reading.counts[key] = found == counts.end() ? 0 : found->second;
      if (silent_about == key) {
        reading.undecided = {key};
        reading.undecided_reason = "answered 500";
      }
    }
    return reading;
  }
  [[nodiscard]] bool counts_asked_keys_only() const override { return by_key_; }

  std::map<std::string, std::uint64_t, std::less<>> counts;
  std::string silent_about;
  std::vector<std::string> asked;

 private:
  bool by_key_;
};

class BaselineKeys : public ::testing::Test {
 protected:
  // A run's oracle, and the run up to its baseline.
  Result<void> take_baseline(const std::shared_ptr<Books>& books,
                             std::span<const std::string> known = {}) {
    plan_.effects.oracles = {{.name = "books", .kind = &kind_, .oracle = books, .where = {}}};
    accounting_ = std::make_unique<EffectAccounting>(plan_);
    return accounting_->baseline(clock_, wait_, {}, known);
  }
  [[nodiscard]] std::string key(std::uint64_t arrival) const {
    return planned_key(plan_, plan_.steps[1], arrival).value();
  }

  model::OracleKind kind_{.name = "fake", .summary = "", .example = ""};
  model::Plan plan_ = payment_plan();
  ManualClock clock_;
  Wait wait_ = [this](Duration pause) {
    clock_.advance(pause);
    return true;
  };
  std::unique_ptr<EffectAccounting> accounting_;
};

TEST_F(BaselineKeys, AFreshRunIdPassesAfterASampleWasAskedFor) {
  const auto books = std::make_shared<Books>(true);
  const auto taken = take_baseline(books);
  ASSERT_TRUE(taken.has_value()) << to_string(taken.error());
  EXPECT_THAT(books->asked, SizeIs(::testing::Ge(16)));
  EXPECT_EQ(books->asked, sample_of_keys(plan_));
}

TEST_F(BaselineKeys, ARunIdThatWasUsedBeforeIsRefused) {
  for (const std::uint64_t arrival : {0U, 15U, 1024U}) {
    const auto books = std::make_shared<Books>(true);
    books->counts[key(arrival)] = 1;
    const auto taken = take_baseline(books);
    ASSERT_FALSE(taken.has_value()) << arrival;
    EXPECT_THAT(taken.error().message,
                AllOf(HasSubstr("oracle books cannot count effects before the load"),
                      HasSubstr("1 of "), HasSubstr("run id was used before")));
  }
}

TEST_F(BaselineKeys, AnOracleThatCannotAnswerForAnUnusedKeyIsNoOracle) {
  const auto books = std::make_shared<Books>(true);
  books->silent_about = key(3);
  const auto taken = take_baseline(books);
  ASSERT_FALSE(taken.has_value());
  EXPECT_THAT(taken.error().message, HasSubstr("answered 500"));
}

TEST_F(BaselineKeys, AListIsSubtractedWhoeverUsedTheKeys) {
  const auto books = std::make_shared<Books>(false);
  books->counts[key(0)] = 1;
  EXPECT_TRUE(take_baseline(books).has_value());
  EXPECT_THAT(books->asked, IsEmpty());
}

TEST_F(BaselineKeys, KnownKeysAreSubtractedToo) {
  const auto books = std::make_shared<Books>(true);
  const std::vector<std::string> known = {key(7)};
  books->counts[known[0]] = 2;
  ASSERT_TRUE(take_baseline(books, known).has_value());
  EXPECT_EQ(books->asked, known);
  model::Ledger ledger(plan_.steps.size());
  ledger.add({.step = 1,
              .arrival = 7,
              .key = known[0],
              .outcome = model::OperationOutcome::kAcked,
              .attempts = 1});
  books->counts[known[0]] = 3;
  accounting_->settle(known, clock_, wait_, {});
  const model::EffectReport report = accounting_->report(ledger, WallTime(), {});
  EXPECT_EQ(report.steps.at(0).verdicts.at(static_cast<std::size_t>(model::EffectVerdict::kOk)), 1U)
      << "what was there before is not this operation's";
}

TEST_F(BaselineKeys, TheSampleBelongsToOneRun) {
  const std::vector<std::string> keys = sample_of_keys(plan_);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
  EXPECT_THAT(keys, Each(SizeIs(model::kKeyLength)));
  plan_.run_id = "r2";
  const std::vector<std::string> others = sample_of_keys(plan_);
  for (const std::string& other : others) {
    EXPECT_THAT(keys, ::testing::Not(::testing::Contains(other)));
  }
}

TEST_F(BaselineKeys, WhatOnlyTheTargetTellsCannotBeAskedForBefore) {
  plan_.steps[1].effect_key = text("{{session}}");
  EXPECT_THAT(sample_of_keys(plan_), IsEmpty());
  EXPECT_TRUE(take_baseline(std::make_shared<Books>(true)).has_value());
}

TEST(OracleKeys, OraclesSayWhetherTheyCountAskedKeysOnly) {
  const auto asks = [](std::string_view kind, std::string_view toml) {
    return compile(kind, toml).oracle->counts_asked_keys_only();
  };
  EXPECT_TRUE(asks("http", "request = \"GET /ledger/{{key}}\"\ncount = \"/count\""));
  EXPECT_FALSE(asks("http", "request = \"GET /ledger\"\nitems = \"\"\nkey = \"/key\""));
  EXPECT_TRUE(asks("exec", "command = [\"count\"]"));
}

}  // namespace
}  // namespace squall::effects
