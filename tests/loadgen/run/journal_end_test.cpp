// When a journal is that of a run that came to its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "loadgen/run/journal.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using model::RunRecord;
using run::Journal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JournalEndTest : public testing::Test {
 protected:
  JournalEndTest() {
    identity_.plan_name = "p";
    identity_.steps = {
        {.name = "buy.charge", .request = "POST /", .target = "t", .is_effect = true}};
    auto journal = Journal::open(directory_.path(), identity_, {});
    EXPECT_TRUE(journal.has_value());
    journal_ = std::move(*journal);
    model::EffectReport effects;
    effects.counted = true;
    EXPECT_TRUE(journal_->effects(effects).has_value());
  }

  [[nodiscard]] Result<RunRecord> read() const { return run::read_journal(directory_.path()); }

  TestDirectory directory_;
  RunRecord identity_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(JournalEndTest, CountedEffectsAreNotTheEnd) {
  EXPECT_TRUE(journal_->event({std::chrono::seconds(9), "teardown", "refused"}).has_value());
  const auto record = read();
  ASSERT_TRUE(record.has_value()) << to_string(record.error());
  EXPECT_TRUE(record->effects.counted);
  EXPECT_FALSE(record->complete) << "squall may have been killed before it judged and tore down";
}

TEST_F(JournalEndTest, TheEndTellsWhatTheRunCameTo) {
  RunRecord judged = identity_;
  judged.measured_duration = std::chrono::seconds(7);
  judged.checks.emplace_back().verdict = model::Verdict::kFail;
  judged.findings.emplace_back().id = "double-charge:buy.charge";
  judged.verdict = model::Verdict::kFail;
  judged.exit_code = model::ExitCode::kCorrectness;
  judged.reasons = {"duplicate_effects == 0: it was 3"};
  judged.interrupted = true;
  EXPECT_TRUE(journal_->end(judged).has_value());
  const auto record = read();
  ASSERT_TRUE(record.has_value()) << to_string(record.error());
  EXPECT_TRUE(record->complete);
  EXPECT_TRUE(record->effects.counted);
  EXPECT_EQ(record->plan_name, "p");
  EXPECT_EQ(record->measured_duration, judged.measured_duration);
  ASSERT_EQ(record->checks.size(), 1U);
  EXPECT_EQ(record->checks[0].verdict, model::Verdict::kFail);
  ASSERT_EQ(record->findings.size(), 1U);
  EXPECT_EQ(record->verdict, model::Verdict::kFail);
  EXPECT_EQ(record->exit_code, model::ExitCode::kCorrectness);
  EXPECT_THAT(record->reasons, ElementsAre("duplicate_effects == 0: it was 3"));
  EXPECT_TRUE(record->interrupted);
}

TEST_F(JournalEndTest, ACutOffEndIsNone) {
  EXPECT_TRUE(journal_->end(identity_).has_value());
  const std::string path = directory_ / "events.ndjson";
  const std::string whole = read_file(path);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() - 1);
  const auto record = read();
  ASSERT_TRUE(record.has_value()) << to_string(record.error());
  EXPECT_FALSE(record->complete);
}

TEST_F(JournalEndTest, NothingFollowsIt) {
  EXPECT_TRUE(journal_->end(identity_).has_value());
  EXPECT_TRUE(journal_->event({std::chrono::seconds(9), "service", "ended"}).has_value());
  const auto record = read();
  ASSERT_FALSE(record.has_value());
  EXPECT_THAT(record.error().message, HasSubstr("behind the end"));
}

}  // namespace
}  // namespace squall::test
