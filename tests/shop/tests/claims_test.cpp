// Claims, wherever they are kept.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/shop/claims.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/redis.hpp"
#include "tests/shop/tests/storage.hpp"
#include "tests/support/redis.hpp"

namespace squall::shop {
namespace {

using std::chrono::seconds;
using testing::StorageKind;

// Every claim counts as abandoned at once.
constexpr Duration kAtOnce = seconds(-1);
constexpr Duration kLong = seconds(60);

class ClaimsTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Database>> database =
        Database::open(storage_.place(), Durability::kProcess);
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    if (GetParam() == std::string("redis")) {
      server_ = std::make_unique<test::Redis>();
      redis_ = std::move(*Redis::make("127.0.0.1:" + std::to_string(server_->port()), kLong));
    }
    keep({kLong, kLong});
  }
  // Other times for the same claims, where these outlive their object; else afresh.
  void keep(ClaimTimes times) {
    if (GetParam() == std::string("redis")) {
      claims_ = make_redis_claims(*redis_, times);
    } else if (GetParam() == std::string("memory")) {
      claims_ = make_claims_in_memory(times);
    } else {
      claims_ = make_database_claims(*database_, times);
    }
  }
  Claim claim(const ClaimRequest& wanted) {
    Result<Claim> claim = claims_->claim(wanted);
    EXPECT_TRUE(claim);
    return claim ? *claim : Claim{ClaimState::kMismatch};
  }
  bool finish(const ClaimRequest& owned, const std::string& body) {
    const Database::WriteLease writer = database_->write();
    const Result<bool> within = claims_->finish_within(*writer, owned, {201, body});
    EXPECT_TRUE(within);
    EXPECT_TRUE(claims_->finish_after(owned, {201, body}));
    return within && *within;
  }
  static ClaimRequest request(const std::string& owner, const std::string& text = "{}",
                              const std::string& key = "k", const std::string& caller = "alice",
                              const std::string& endpoint = "POST /payments") {
    return {{caller, endpoint, text, key}, owner};
  }

  testing::Storage storage_{GetParam() == std::string("postgres") ? StorageKind::kPostgres
                                                                  : StorageKind::kSqlite};
  std::unique_ptr<Database> database_;
  std::unique_ptr<test::Redis> server_;  // null without
  std::unique_ptr<Redis> redis_;         // null without
  std::unique_ptr<Claims> claims_;
  const ClaimRequest first_ = request("first");
  const ClaimRequest second_ = request("second");
};

TEST_P(ClaimsTest, OneWinsTheOthersLearnHowTheKeyStands) {
  const Claim won = claim(first_);
  EXPECT_EQ(won.state, ClaimState::kWon);
  EXPECT_EQ(won.progress.operation, "first");
  EXPECT_EQ(claim(second_).state, ClaimState::kInFlight);
  EXPECT_EQ(claims_->look(second_)->state, ClaimState::kInFlight);
  EXPECT_EQ(claim(request("third", "another")).state, ClaimState::kMismatch);
  EXPECT_EQ(claim(request("third", "{}", "other")).state, ClaimState::kWon);
  EXPECT_EQ(claim(request("third", "{}", "k", "bob")).state, ClaimState::kWon);
  EXPECT_EQ(claim(request("third", "{}", "k", "alice", "POST /refunds")).state, ClaimState::kWon);
  EXPECT_TRUE(finish(first_, "answer"));
  const Claim done = claim(second_);
  EXPECT_EQ(done.state, ClaimState::kDone);
  EXPECT_EQ(done.answer.status, 201);
  EXPECT_EQ(done.answer.body, "answer");
}

TEST_P(ClaimsTest, AForgottenKeyStartsAfresh) {
  ASSERT_EQ(claim(first_).state, ClaimState::kWon);
  ASSERT_TRUE(claims_->give_up(second_, GiveUp::kForget));
  EXPECT_EQ(claim(second_).state, ClaimState::kInFlight) << "only its owner can give a key up";
  ASSERT_TRUE(claims_->give_up(first_, GiveUp::kForget));
  EXPECT_EQ(claims_->look(second_)->state, ClaimState::kWon);
  const Claim fresh = claim(request("third", "another request"));
  EXPECT_EQ(fresh.state, ClaimState::kWon);
  EXPECT_EQ(fresh.progress.operation, "third");
}

TEST_P(ClaimsTest, AKeyThatWasGivenUpGoesOnFromTheRecoveryPoint) {
  ASSERT_EQ(claim(first_).state, ClaimState::kWon);
  ASSERT_TRUE(claims_->advance(first_, {"first", {"ch_1"}}).value());
  ASSERT_TRUE(claims_->give_up(first_, GiveUp::kKeepOperation));
  EXPECT_EQ(claims_->look(second_)->state, ClaimState::kWon);
  EXPECT_EQ(claim(request("third", "another request")).state, ClaimState::kMismatch);
  const Claim won = claim(second_);
  EXPECT_EQ(won.state, ClaimState::kWon);
  EXPECT_EQ(won.progress.operation, "first");
  EXPECT_EQ(won.progress.results, std::vector<std::string>{"ch_1"});
}

TEST_P(ClaimsTest, WhoLostAClaimToATakeoverCannotGoOn) {
  keep({kAtOnce, kLong});
  ASSERT_EQ(claim(first_).state, ClaimState::kWon);
  const Claim taken = claim(second_);
  ASSERT_EQ(taken.state, ClaimState::kWon);
  EXPECT_EQ(taken.progress.operation, "first");
  EXPECT_FALSE(claims_->advance(first_, {"first", {"ch_1"}}).value());
  // In Redis the effect's operation decides.
  EXPECT_EQ(finish(first_, "late"), GetParam() == std::string("redis"));
  EXPECT_TRUE(finish(second_, "answer"));
  const Claim done = claim(first_);
  EXPECT_EQ(done.state, ClaimState::kDone) << "an answered key is never taken over";
  EXPECT_EQ(done.answer.body, "answer");
}

TEST_P(ClaimsTest, WithoutALockTimeAClaimIsForEver) {
  keep({std::nullopt, kAtOnce});
  ASSERT_EQ(claim(first_).state, ClaimState::kWon);
  EXPECT_EQ(claim(second_).state, ClaimState::kInFlight);
  ASSERT_TRUE(claims_->reap());
  EXPECT_EQ(claim(second_).state, ClaimState::kInFlight);
}

TEST_P(ClaimsTest, OutOfTheWindowAKeyIsNew) {
  keep({kLong, kAtOnce});
  ASSERT_EQ(claim(first_).state, ClaimState::kWon);
  EXPECT_EQ(claim(second_).state, ClaimState::kInFlight) << "somebody works under it";
  ASSERT_TRUE(finish(first_, "answer"));
  EXPECT_EQ(claims_->look(second_)->state, ClaimState::kWon);
  const Claim fresh = claim(request("third", "another request"));
  EXPECT_EQ(fresh.state, ClaimState::kWon);
  EXPECT_EQ(fresh.progress.operation, "third");
}

TEST_P(ClaimsTest, WhatIsOutOfTheWindowIsReaped) {
  ASSERT_EQ(claim(first_).state, ClaimState::kWon);
  ASSERT_TRUE(finish(first_, "answer"));
  ASSERT_TRUE(claims_->reap());
  EXPECT_EQ(claim(second_).state, ClaimState::kDone);
  if (GetParam() == std::string("memory") || GetParam() == std::string("redis")) {
    return;  // one forgets with its object, the other reaps by itself
  }
  keep({kLong, kAtOnce});
  ASSERT_TRUE(claims_->reap());
  keep({kLong, kLong});
  EXPECT_EQ(claims_->look(second_)->state, ClaimState::kWon);
}

INSTANTIATE_TEST_SUITE_P(Stores, ClaimsTest,
                         ::testing::Values("memory", "sqlite", "postgres", "redis"),
                         [](const auto& store) { return std::string(store.param); });

}  // namespace
}  // namespace squall::shop
