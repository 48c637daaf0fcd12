// The detectors of part A that judge what is kept: the broken target is named, the mended one
// passes, and too little says nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reports/detectors/phase_record.hpp"

namespace squall::reports {
namespace {

using model::AttemptClass;
using model::EffectVerdict;
using model::OperationOutcome;
using model::Phase;
using model::Verdict;
using ::testing::Contains;
using ::testing::HasSubstr;

model::OracleReport oracle_at_rest(const std::string& name) {
  model::OracleReport oracle;
  oracle.name = name;
  oracle.stable = true;
  return oracle;
}

// A run that counted effects: what each step's operations came to.
class CountedRun {
 public:
  explicit CountedRun(const std::string& detector) : phases(detector) {
    record().effects.counted = true;
    record().effects.oracles.push_back(oracle_at_rest("ledger"));
    record().timeline.emplace_back().name = "crash";
  }

  model::RunRecord& record() { return phases.record; }

  model::EffectCounts& step(const std::string& name) {
    for (model::EffectCounts& counts : record().effects.steps) {
      if (counts.step == name) {
        return counts;
      }
    }
    record().effects.steps.emplace_back().step = name;
    return record().effects.steps.back();
  }
  CountedRun& add(const std::string& name, OperationOutcome outcome, EffectVerdict verdict,
                  std::uint64_t operations, std::uint64_t effects) {
    model::EffectCounts& counts = step(name);
    counts.operations += operations;
    counts.outcomes[static_cast<std::size_t>(outcome)] += operations;
    counts.verdicts[static_cast<std::size_t>(verdict)] += operations;
    counts.effects += effects;
    return *this;
  }
  CountedRun& acked(const std::string& name, std::uint64_t operations) {
    return add(name, OperationOutcome::kAcked, EffectVerdict::kOk, operations, operations);
  }
  CountedRun& rejected(const std::string& name, std::uint64_t operations) {
    return add(name, OperationOutcome::kRejected, EffectVerdict::kOk, operations, 0);
  }
  CountedRun& twice(const std::string& name, std::uint64_t operations) {
    return add(name, OperationOutcome::kAcked, EffectVerdict::kDuplicate, operations,
               2 * operations);
  }
  CountedRun& lost(const std::string& name, std::uint64_t operations) {
    return add(name, OperationOutcome::kAcked, EffectVerdict::kLost, operations, 0);
  }
  CountedRun& undecided(const std::string& name, std::uint64_t operations) {
    return add(name, OperationOutcome::kAcked, EffectVerdict::kUndecided, operations, 0);
  }

  PhaseRecord phases;
};

// ---- oversell: rounds of 5 pieces, 25 buyers each

class OversellRun : public CountedRun {
 public:
  explicit OversellRun(std::uint64_t rounds) : CountedRun("oversell") {
    record().steps = {{"five.stock-up", "PUT /stock", "shop", false},
                      {"five.buy", "POST /buy", "shop", true},
                      {"five.look", "GET /stock", "shop", false}};
    phases.set("stock", "five.stock-up").set("pieces", "5").set("left", "five.look");
    phases.operations(0, Phase::kFault, rounds, 1000);
    phases.operations(2, Phase::kFault, rounds, 1000);
  }
};

TEST(Oversell, NoMoreIsSoldThanIsThere) {
  OversellRun right(20);
  right.acked("five.buy", 100).rejected("five.buy", 400);
  EXPECT_EQ(right.phases.verdict(), Verdict::kPass);
  OversellRun over(20);
  over.acked("five.buy", 101).rejected("five.buy", 399);
  EXPECT_EQ(over.phases.verdict(), Verdict::kFail);
  EXPECT_TRUE(over.phases.findings()[0].about_effects);
  EXPECT_EQ(over.phases.findings()[0].id, "oversell:five");
}

TEST(Oversell, SalesThatNobodyWasToldOfCount) {
  OversellRun over(20);
  over.acked("five.buy", 100).rejected("five.buy", 400);
  over.step("five.buy").effects = 101;
  EXPECT_EQ(over.phases.verdict(), Verdict::kFail);
}

TEST(Oversell, PiecesThatMayHaveBeenThereAreNone) {
  OversellRun unsure(20);
  unsure.phases.operations(0, Phase::kFault, 1, 1000, AttemptClass::kTimeout);
  unsure.acked("five.buy", 105).rejected("five.buy", 400);
  EXPECT_EQ(unsure.phases.verdict(), Verdict::kInconclusive);
  unsure.acked("five.buy", 1);
  EXPECT_EQ(unsure.phases.verdict(), Verdict::kFail);
}

TEST(Oversell, WhatIsLeftIsWhatWasThereLessWhatWasSold) {
  OversellRun wrong(20);
  wrong.acked("five.buy", 100).rejected("five.buy", 400);
  wrong.phases.operations(2, Phase::kFault, 2, 1000, AttemptClass::kUnexpected);
  EXPECT_EQ(wrong.phases.verdict(), Verdict::kFail);
  OversellRun unsold(20);
  unsold.acked("five.buy", 99).rejected("five.buy", 401);
  unsold.phases.operations(2, Phase::kFault, 1, 1000, AttemptClass::kUnexpected);
  EXPECT_EQ(unsold.phases.verdict(), Verdict::kInconclusive)
      << "one piece was left, as it was read";
}

TEST(Oversell, AnErrorDoesNotTellWhatIsLeft) {
  OversellRun busy(20);
  busy.acked("five.buy", 100).rejected("five.buy", 400);
  busy.phases.operations(2, Phase::kFault, 3, 1000, AttemptClass::kServerError);
  busy.record().unmet.push_back({"five.look", "json /quantity == 0", 3});
  EXPECT_EQ(busy.phases.verdict(), Verdict::kPass);
  OversellRun unread(20);
  unread.acked("five.buy", 100).rejected("five.buy", 400);
  unread.phases.set("left", "five.buy");
  EXPECT_EQ(unread.phases.verdict(), Verdict::kInconclusive);
}

TEST(Oversell, TooLittleSaysNothing) {
  OversellRun few(19);
  few.acked("five.buy", 95).rejected("five.buy", 400);
  EXPECT_EQ(few.phases.verdict(), Verdict::kInconclusive);
  OversellRun calm(20);
  calm.acked("five.buy", 100);
  EXPECT_EQ(calm.phases.verdict(), Verdict::kInconclusive) << "nobody had to be refused";
  OversellRun blind(20);
  blind.undecided("five.buy", 100).rejected("five.buy", 400);
  EXPECT_EQ(blind.phases.verdict(), Verdict::kInvalid);
  OversellRun unnamed(20);
  unnamed.acked("five.buy", 100).rejected("five.buy", 400);
  unnamed.phases.set("pieces", "five");
  EXPECT_EQ(unnamed.phases.verdict(), Verdict::kInvalid);
}

// ---- upload-retry, job-twice

TEST(UploadRetry, OneObjectForEachUpload) {
  CountedRun once("upload-retry");
  once.acked("buy.charge", 50);
  EXPECT_EQ(once.phases.verdict(), Verdict::kInconclusive) << "nothing was sent again";
  once.phases.operations(0, Phase::kFault, 50, 1000);
  once.record()
      .attempts[{0, Phase::kFault, model::Exposure::kFaulted, AttemptClass::kCut}]
      .response.record_n(1000, 19);
  EXPECT_EQ(once.phases.verdict(), Verdict::kInconclusive) << "19 times is not often";
  once.record()
      .attempts[{0, Phase::kFault, model::Exposure::kFaulted, AttemptClass::kCut}]
      .response.record_n(1000, 1);
  EXPECT_EQ(once.phases.verdict(), Verdict::kPass);
  once.twice("buy.charge", 1);
  EXPECT_EQ(once.phases.verdict(), Verdict::kFail);
  once.phases.set("on", "look");
  EXPECT_TRUE(once.phases.findings().empty());
}

TEST(JobTwice, NobodyNeedsToRepeatAnything) {
  CountedRun once("job-twice");
  once.acked("buy.charge", 49);
  EXPECT_EQ(once.phases.verdict(), Verdict::kInconclusive);
  once.acked("buy.charge", 1);
  EXPECT_EQ(once.phases.verdict(), Verdict::kPass);
  once.twice("buy.charge", 1);
  EXPECT_EQ(once.phases.verdict(), Verdict::kFail);
  EXPECT_EQ(once.phases.findings()[0].id, "job-twice:buy.charge");
}

// ---- duplicate-webhook, lost-webhook

TEST(DuplicateWebhook, OneEffectForEachEvent) {
  CountedRun once("duplicate-webhook");
  once.acked("buy.charge", 200);
  EXPECT_EQ(once.phases.verdict(), Verdict::kInconclusive) << "nothing was delivered again";
  once.phases.operations(0, Phase::kFault, 200, 1000);
  auto& cut =
      once.record().attempts[{0, Phase::kFault, model::Exposure::kFaulted, AttemptClass::kCut}];
  cut.response.record_n(1000, 49);
  EXPECT_EQ(once.phases.verdict(), Verdict::kInconclusive) << "49 times is not often";
  cut.response.record_n(1000, 1);
  EXPECT_EQ(once.phases.verdict(), Verdict::kPass);
  once.twice("buy.charge", 1);
  EXPECT_EQ(once.phases.verdict(), Verdict::kFail);
  EXPECT_EQ(once.phases.findings()[0].id, "duplicate-webhook:buy.charge");
}

TEST(LostWebhook, EachAcknowledgedOperationIsToldOf) {
  CountedRun told("lost-webhook");
  told.acked("buy.charge", 49);
  EXPECT_EQ(told.phases.verdict(), Verdict::kInconclusive);
  told.acked("buy.charge", 1);
  EXPECT_EQ(told.phases.verdict(), Verdict::kPass);
  told.lost("buy.charge", 1);
  EXPECT_EQ(told.phases.verdict(), Verdict::kFail);
  EXPECT_EQ(told.phases.findings()[0].id, "lost-webhook:buy.charge");
  told.phases.set("on", "look");
  EXPECT_TRUE(told.phases.findings().empty());
}

TEST(PartA, WhatWasNotAskedForIsNotSaid) {
  for (const char* detector :
       {"oversell", "upload-retry", "job-twice", "lost-acked-write", "lost-update", "stale-cache",
        "split-truth", "duplicate-webhook", "lost-webhook"}) {
    CountedRun run(detector);
    run.twice("buy.charge", 1).lost("buy.charge", 1);
    run.record().detector_settings.clear();
    EXPECT_TRUE(run.phases.findings().empty()) << detector;
  }
}

// ---- lost-acked-write, lost-update

TEST(LostAckedWrite, WhatWasAcknowledgedIsThere) {
  CountedRun kept("lost-acked-write");
  kept.acked("buy.charge", 300);
  EXPECT_EQ(kept.phases.verdict(), Verdict::kPass);
  CountedRun lost("lost-acked-write");
  lost.acked("buy.charge", 20).lost("buy.charge", 1);
  EXPECT_EQ(lost.phases.verdict(), Verdict::kFail);
  EXPECT_EQ(lost.phases.findings()[0].summary,
            "1 of 21 acknowledged operations of buy.charge are not there");
}

TEST(LostAckedWrite, SilenceNeedsACrash) {
  CountedRun calm("lost-acked-write");
  calm.acked("buy.charge", 300);
  calm.record().timeline.clear();
  EXPECT_EQ(calm.phases.verdict(), Verdict::kInconclusive);
  CountedRun few("lost-acked-write");
  few.acked("buy.charge", 299);
  EXPECT_EQ(few.phases.verdict(), Verdict::kInconclusive);
}

TEST(LostAckedWrite, WhatMayYetComeIsNotLost) {
  CountedRun late("lost-acked-write");
  late.acked("buy.charge", 300).lost("buy.charge", 3);
  late.record().effects.oracles[0].stable = false;
  EXPECT_EQ(late.phases.verdict(), Verdict::kInvalid);
  CountedRun blind("lost-acked-write");
  blind.acked("buy.charge", 300).undecided("buy.charge", 3);
  EXPECT_EQ(blind.phases.verdict(), Verdict::kInvalid);
}

TEST(LostUpdate, WhoIsAcknowledgedIsNotOverwritten) {
  CountedRun versioned("lost-update");
  versioned.acked("buy.charge", 50).rejected("buy.charge", 200);
  EXPECT_EQ(versioned.phases.verdict(), Verdict::kPass);
  versioned.lost("buy.charge", 1);
  EXPECT_EQ(versioned.phases.verdict(), Verdict::kFail);
}

TEST(LostUpdate, AnOldVersionIsRefused) {
  CountedRun run("lost-update");
  run.acked("buy.charge", 50);
  run.phases.set("stale", "look.page");
  run.phases.operations(1, Phase::kFault, 50, 1000);
  ASSERT_EQ(run.phases.findings().size(), 2U);
  EXPECT_EQ(run.phases.findings()[1].verdict, Verdict::kPass);
  run.phases.operations(1, Phase::kFault, 1, 1000, AttemptClass::kUnexpected);
  run.record().unmet.push_back({"look.page", "status == 412", 1});
  const model::Finding finding = run.phases.findings()[1];
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.summary, "1 of 51 writes with an old version were not refused");
  EXPECT_THAT(finding.evidence, Contains("look.page: status == 412, not met 1 times"));
}

TEST(LostUpdate, ARefusalOfAnotherKindIsNoAcceptance) {
  CountedRun run("lost-update");
  run.acked("buy.charge", 50);
  run.phases.set("stale", "look.page");
  run.phases.operations(1, Phase::kFault, 50, 1000, AttemptClass::kClientError);
  run.record().endings.push_back({"look.page", AttemptClass::kClientError, 409, 50, {}});
  const model::Finding finding = run.phases.findings()[1];
  EXPECT_EQ(finding.verdict, Verdict::kInconclusive);
  EXPECT_EQ(finding.summary,
            "0 writes with an old version were refused as `expect` says, 50 were answered "
            "otherwise; it takes 50");
}

// ---- stale-cache

class StaleRun : public PhaseRecord {
 public:
  StaleRun(std::uint64_t writes, std::uint64_t reads) : PhaseRecord("stale-cache") {
    set("on", "look.page").set("write", "buy.charge");
    operations(0, Phase::kFault, writes, 1000);
    operations(1, Phase::kFault, reads, 1000);
  }
};

TEST(StaleCache, ReadersHaveTheNewValue) {
  EXPECT_EQ(StaleRun(50, 1000).verdict(), Verdict::kPass);
  StaleRun stale(5, 100);
  stale.operations(1, Phase::kFault, 1, 1000, AttemptClass::kUnexpected);
  EXPECT_EQ(stale.verdict(), Verdict::kFail);
  EXPECT_TRUE(stale.findings()[0].about_effects);
}

TEST(StaleCache, ErrorsAreNoOldValues) {
  StaleRun erring(50, 1000);
  erring.operations(1, Phase::kFault, 100, 1000, AttemptClass::kServerError);
  erring.operations(1, Phase::kFault, 100, 1000, AttemptClass::kTimeout);
  erring.operations(1, Phase::kFault, 100, 1000, AttemptClass::kClientError);
  erring.record.endings.push_back({"look.page", AttemptClass::kClientError, 429, 100, {}});
  EXPECT_EQ(erring.verdict(), Verdict::kPass);
  EXPECT_THAT(erring.findings()[0].evidence,
              Contains("50 writes, 1000 reads after them, 200 answers that were errors"));
}

TEST(StaleCache, WhatIsNotThereIsAsOldAsCanBe) {
  StaleRun gone(50, 1000);
  gone.operations(1, Phase::kFault, 1, 1000, AttemptClass::kClientError);
  gone.record.endings.push_back({"look.page", AttemptClass::kClientError, 404, 1, {}});
  EXPECT_EQ(gone.verdict(), Verdict::kFail);
}

TEST(StaleCache, TooLittleSaysNothing) {
  EXPECT_EQ(StaleRun(50, 999).verdict(), Verdict::kInconclusive);
  EXPECT_EQ(StaleRun(49, 1000).verdict(), Verdict::kInconclusive);
}

// ---- split-truth

class TwoTruths : public CountedRun {
 public:
  TwoTruths() : CountedRun("split-truth") {
    record().effects.oracles.push_back(oracle_at_rest("warehouse"));
    acked("buy.charge", 100);
  }
};

TEST(SplitTruth, BothKnowTheSame) {
  TwoTruths one;
  EXPECT_EQ(one.phases.verdict(), Verdict::kPass);
  one.record().effects.disagreement_count = 7;
  one.record().effects.disagreements = {"key k1: ledger 1, warehouse 0"};
  EXPECT_EQ(one.phases.verdict(), Verdict::kFail);
  const model::Finding finding = one.phases.findings()[0];
  EXPECT_EQ(finding.summary, "ledger, warehouse disagree about 7 of 100 operations");
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("key k1")));
}

TEST(SplitTruth, SilenceNeedsTwoThatAnswerAndACut) {
  TwoTruths blind;
  blind.record().effects.oracles[1].problem = "connection refused";
  blind.record().effects.disagreement_count = 3;
  EXPECT_EQ(blind.phases.verdict(), Verdict::kInvalid);
  TwoTruths restless;
  restless.record().effects.oracles[1].stable = false;
  EXPECT_EQ(restless.phases.verdict(), Verdict::kInvalid);
  TwoTruths calm;
  calm.record().timeline.clear();
  EXPECT_EQ(calm.phases.verdict(), Verdict::kInconclusive);
  TwoTruths alone;
  alone.record().effects.oracles.pop_back();
  EXPECT_EQ(alone.phases.verdict(), Verdict::kInconclusive);
}

}  // namespace
}  // namespace squall::reports
