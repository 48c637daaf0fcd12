#include "loadgen/model/ledger.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"

namespace squall::model {
namespace {

EffectOperation operation(std::uint16_t step, std::uint64_t arrival, std::string key,
                          OperationOutcome outcome = OperationOutcome::kAcked) {
  EffectOperation made;
  made.step = step;
  made.arrival = arrival;
  made.key = std::move(key);
  made.outcome = outcome;
  return made;
}

std::uint64_t verdicts(const Judgement::StepTotals& totals, EffectVerdict verdict) {
  return totals.verdicts.at(static_cast<std::size_t>(verdict));
}

TEST(Ledger, WithoutOperationsEverythingIsUnattributed) {
  const Ledger ledger(2);
  const Judgement judgement = ledger.judge({{{"a", 1}}, {}, {}}, {{{"a", 4}, {"b", 2}}, {}, {}});
  EXPECT_TRUE(judgement.wrong.empty());
  EXPECT_EQ(judgement.steps.size(), 2U);
  EXPECT_EQ(judgement.unattributed, 5U);
}

TEST(Ledger, JudgesEachOperationByItsKey) {
  Ledger ledger(3);
  ledger.add(operation(0, 0, "once"));
  ledger.add(operation(0, 1, "twice"));
  ledger.add(operation(2, 0, "never"));
  ledger.add(operation(2, 1, "phantom", OperationOutcome::kRejected));
  ledger.add(operation(2, 2, "maybe", OperationOutcome::kUnknown));
  ledger.add(operation(2, 3, "unsent", OperationOutcome::kNotSent));
  const OracleReading settled{{{"once", 1}, {"twice", 2}, {"phantom", 1}, {"stranger", 7}}, {}, {}};
  const Judgement judgement = ledger.judge({}, settled);

  EXPECT_EQ(judgement.unattributed, 7U);
  ASSERT_EQ(judgement.wrong.size(), 3U);
  EXPECT_EQ(judgement.wrong[0].operation.key, "twice");
  EXPECT_EQ(judgement.wrong[0].verdict, EffectVerdict::kDuplicate);
  EXPECT_EQ(judgement.wrong[0].effects, 2U);
  EXPECT_EQ(judgement.wrong[1].verdict, EffectVerdict::kLost);
  EXPECT_EQ(judgement.wrong[2].verdict, EffectVerdict::kPhantom);
  ASSERT_EQ(judgement.steps.size(), 3U);
  EXPECT_EQ(judgement.steps[0].operations, 2U);
  EXPECT_EQ(judgement.steps[0].effects, 3U);
  EXPECT_EQ(judgement.steps[1].operations, 0U);
  EXPECT_EQ(judgement.steps[2].operations, 4U);
  EXPECT_EQ(judgement.steps[2].effects, 1U);
  EXPECT_EQ(verdicts(judgement.steps[2], EffectVerdict::kOk), 2U);
  EXPECT_EQ(judgement.steps[2].outcomes.at(static_cast<std::size_t>(OperationOutcome::kNotSent)),
            1U);
}

TEST(Ledger, TheBaselineIsSubtracted) {
  Ledger ledger(1);
  ledger.add(operation(0, 0, "a"));
  ledger.add(operation(0, 1, "b"));
  ledger.add(operation(0, 2, "c"));
  const OracleReading baseline{{{"a", 3}, {"c", 5}, {"other", 9}, {"z", 1}}, {}, {}};
  const OracleReading settled{
      {{"a", 4}, {"b", 2}, {"c", 2}, {"other", 10}, {"y", 1}, {"z", 1}}, {}, {}};
  const Judgement judgement = ledger.judge(baseline, settled);
  EXPECT_EQ(judgement.unattributed, 2U);
  ASSERT_EQ(judgement.wrong.size(), 2U);
  EXPECT_EQ(judgement.wrong[0].operation.key, "b");
  EXPECT_EQ(judgement.wrong[0].verdict, EffectVerdict::kDuplicate);
  EXPECT_EQ(judgement.wrong[1].operation.key, "c");
  EXPECT_EQ(judgement.wrong[1].verdict, EffectVerdict::kLost)
      << "effects that went away do not count";
  EXPECT_EQ(judgement.wrong[1].effects, 0U);
}

TEST(Ledger, AKeyThatEitherReadingLeftOpenIsUndecided) {
  Ledger ledger(1);
  for (const char* key : {"a", "b", "c", "d"}) {
    ledger.add(operation(0, static_cast<std::uint64_t>(key[0]), key));
  }
  const OracleReading baseline{{}, {"a", "unrelated"}, "timeout"};
  const OracleReading settled{{{"a", 1}, {"b", 2}, {"c", 1}, {"d", 1}}, {"b"}, "timeout"};
  const Judgement judgement = ledger.judge(baseline, settled);
  ASSERT_EQ(judgement.wrong.size(), 2U);
  EXPECT_EQ(judgement.wrong[0].operation.key, "a");
  EXPECT_EQ(judgement.wrong[0].verdict, EffectVerdict::kUndecided);
  EXPECT_EQ(judgement.wrong[1].operation.key, "b");
  EXPECT_EQ(judgement.wrong[1].verdict, EffectVerdict::kUndecided);
  EXPECT_EQ(verdicts(judgement.steps[0], EffectVerdict::kUndecided), 2U);
  EXPECT_EQ(verdicts(judgement.steps[0], EffectVerdict::kOk), 2U);
}

TEST(Ledger, WrongOnesAreInOrderOfStepAndArrival) {
  Ledger ledger(3);
  ledger.add(operation(2, 5, "a"));
  ledger.add(operation(0, 9, "b"));
  ledger.add(operation(2, 1, "c"));
  ledger.add(operation(0, 3, "d"));
  const Judgement judgement = ledger.judge({}, {});
  std::vector<std::string> keys;
  for (const JudgedOperation& wrong : judgement.wrong) {
    keys.push_back(wrong.operation.key);
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"d", "b", "c", "a"}));
}

TEST(Ledger, OperationsThatShareAKeyShareItsEffects) {
  Ledger ledger(1);
  ledger.add(operation(0, 0, "shared"));
  ledger.add(operation(0, 1, "shared"));
  const Judgement judgement = ledger.judge({}, {{{"shared", 2}}, {}, {}});
  EXPECT_EQ(judgement.wrong.size(), 2U);
  EXPECT_EQ(judgement.steps[0].effects, 2U) << "counted once, not for each operation";
  EXPECT_EQ(judgement.unattributed, 0U);
}

TEST(Ledger, KeysAreThoseOfItsOperations) {
  Ledger ledger(1);
  ledger.add(operation(0, 0, "x"));
  ledger.add(operation(0, 1, std::string("with\0zero", 9)));
  ledger.add(operation(0, 2, ""));
  EXPECT_EQ(ledger.keys(), (std::vector<std::string>{"x", std::string("with\0zero", 9), ""}));
  const Judgement judgement =
      ledger.judge({}, {{{std::string("with\0zero", 9), 1}, {"with", 4}}, {}, {}});
  EXPECT_EQ(judgement.unattributed, 4U);
  EXPECT_EQ(judgement.wrong.size(), 2U);
}

// Against a judge that looks every key up in the plainest way.
TEST(Ledger, AgreesWithAPlainJudgeOnRandomReadings) {
  Rng rng(StreamId(5, "ledger", "random"));
  for (int round = 0; round < 50; ++round) {
    Ledger ledger(4);
    OracleReading baseline;
    OracleReading settled;
    const std::uint64_t size = rng.next_below(400);
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::string key = "key-" + std::to_string(rng.next_below(1'000'000));
      if (rng.next_below(10) > 0) {
        ledger.add(operation(static_cast<std::uint16_t>(rng.next_below(4)), i, key,
                             static_cast<OperationOutcome>(rng.next_below(4))));
      }
      baseline.counts[key] = rng.next_below(2);
      settled.counts[key] = rng.next_below(4);
      if (rng.next_below(20) == 0) {
        settled.undecided.insert(key);
      }
    }
    std::uint64_t unattributed = 0;
    std::map<std::string, std::uint64_t> fresh;
    for (const auto& [key, count] : settled.counts) {
      fresh[key] = count - std::min(count, baseline.counts[key]);
      unattributed += fresh[key];
    }
    const Judgement judgement = ledger.judge(baseline, settled);
    std::map<std::string, bool> seen;
    std::size_t wrong = 0;
    for (const EffectOperation& each : ledger.operations()) {
      unattributed -= seen[each.key] ? 0 : fresh[each.key];
      seen[each.key] = true;
      wrong += settled.undecided.contains(each.key) ||
                       judge(each.outcome, fresh[each.key]) != EffectVerdict::kOk
                   ? 1U
                   : 0U;
    }
    EXPECT_EQ(judgement.unattributed, unattributed);
    EXPECT_EQ(judgement.wrong.size(), wrong);
  }
}

}  // namespace
}  // namespace squall::model
