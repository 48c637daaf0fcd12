// Parts of the shop that need no process.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/shop/claims.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/effects.hpp"
#include "tests/shop/tests/shop_process.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {
namespace {

using std::chrono::seconds;

TEST(Trace, GoesOnWithTheCallersTrace) {
  const Trace trace = continue_trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
  EXPECT_EQ(trace.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace.parent_id, "00f067aa0ba902b7");
  EXPECT_EQ(trace.flags, "00");
  EXPECT_EQ(trace.span_id.size(), 16U);
  EXPECT_EQ(trace.traceparent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-" + trace.span_id + "-00");
}

TEST(Trace, BeginsAnewWhenThereIsNoneOrItIsMalformed) {
  for (const std::optional<std::string>& header : std::vector<std::optional<std::string>>{
           std::nullopt, "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}) {
    const Trace trace = continue_trace(header);
    EXPECT_EQ(trace.trace_id.size(), 32U);
    EXPECT_NE(trace.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_TRUE(trace.parent_id.empty());
  }
  EXPECT_NE(random_hex(32), random_hex(32));
}

class ClaimsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Database>> database =
        Database::open(directory_ / "shop.db", Durability::kProcess);
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
  }
  ClaimState claim(const ClaimRequest& wanted, Duration lock_time) {
    const Result<Claim> claim = claim_key(*database_->write(), wanted, lock_time);
    EXPECT_TRUE(claim);
    return claim ? claim->state : ClaimState::kMismatch;
  }

  test::TestDirectory directory_;
  std::unique_ptr<Database> database_;
  const ClaimRequest first_{"k", "{}", "first"};
  const ClaimRequest second_{"k", "{}", "second"};
};

TEST_F(ClaimsTest, OneWinsTheOthersLearnHowTheKeyStands) {
  EXPECT_EQ(claim(first_, seconds(60)), ClaimState::kWon);
  EXPECT_EQ(claim(second_, seconds(60)), ClaimState::kInFlight);
  EXPECT_EQ(claim({"k", "{\"amount\":2}", "third"}, seconds(60)), ClaimState::kMismatch);
  EXPECT_EQ(claim({"other", "{}", "third"}, seconds(60)), ClaimState::kWon);
  EXPECT_EQ(finish_claim(*database_->write(), first_, "answer").value(), true);
  const Result<Claim> done = claim_key(*database_->write(), second_, seconds(60));
  EXPECT_EQ(done->state, ClaimState::kDone);
  EXPECT_EQ(done->body, "answer");
}

TEST_F(ClaimsTest, AReleasedKeyStartsAfresh) {
  ASSERT_EQ(claim(first_, seconds(60)), ClaimState::kWon);
  ASSERT_TRUE(release_claim(*database_->write(), second_));
  EXPECT_EQ(claim(second_, seconds(60)), ClaimState::kInFlight)
      << "only its owner can release a key";
  ASSERT_TRUE(release_claim(*database_->write(), first_));
  EXPECT_EQ(look_at_key(*database_->read(), second_, seconds(60))->state, ClaimState::kWon);
  EXPECT_EQ(claim({"k", "another request", "third"}, seconds(60)), ClaimState::kWon);
}

TEST_F(ClaimsTest, WhoLostAClaimToATakeoverCannotFinishIt) {
  ASSERT_EQ(claim(first_, seconds(60)), ClaimState::kWon);
  // A negative lock time: every claim counts as abandoned.
  ASSERT_EQ(claim(second_, seconds(-1)), ClaimState::kWon);
  EXPECT_EQ(finish_claim(*database_->write(), first_, "late").value(), false);
  EXPECT_EQ(finish_claim(*database_->write(), second_, "answer").value(), true);
  EXPECT_EQ(claim(first_, seconds(-1)), ClaimState::kDone) << "an answered key is never taken over";
}

TEST_F(ClaimsTest, ATransactionThatIsNotCommittedLeavesNothing) {
  {
    const Database::WriteLease writer = database_->write();
    Transaction transaction(*writer);
    ASSERT_TRUE(transaction.begin());
    ASSERT_TRUE(insert_effect(*writer, {0, EffectKind::kPayment, "t", 1, "o", "ch"}));
  }
  EXPECT_TRUE(list_effects(*database_->read(), {})->empty());
}

TEST(Database, AFileThatIsNoDatabaseIsRefused) {
  const test::TestDirectory directory;
  EXPECT_FALSE(Database::open("/dev/null/x", Durability::kProcess));
  EXPECT_FALSE(Database::open(directory.path(), Durability::kProcess));
}

}  // namespace
}  // namespace squall::shop
