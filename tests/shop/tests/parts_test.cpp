// Parts of the shop that need no process.
#include <gtest/gtest.h>

#include <chrono>

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

TEST(Database, ATransactionThatIsNotCommittedLeavesNothing) {
  const test::TestDirectory directory;
  const auto opened = Database::open(directory / "shop.db", Durability::kProcess);
  ASSERT_TRUE(opened) << opened.error().message;
  Database& database = **opened;
  {
    const Database::WriteLease writer = database.write();
    Transaction transaction(*writer);
    ASSERT_TRUE(transaction.begin());
    ASSERT_TRUE(insert_effect(*writer, {0, EffectKind::kPayment, "t", 1, "o", "ch"}));
  }
  EXPECT_TRUE(list_effects(*database.read(), {})->empty());
}

TEST(Database, AnOperationHasOneEffect) {
  const test::TestDirectory directory;
  const auto opened = Database::open(directory / "shop.db", Durability::kProcess);
  ASSERT_TRUE(opened) << opened.error().message;
  const Database::WriteLease writer = (*opened)->write();
  const Effect first{.token = "t", .operation = "op-1"};
  const Result<std::int64_t> seq = insert_effect(*writer, first);
  ASSERT_TRUE(seq);
  EXPECT_EQ(insert_effect(*writer, first).value_or(0), *seq);
  EXPECT_NE(insert_effect(*writer, {.token = "t", .operation = "op-2"}).value_or(0), *seq);
  EXPECT_NE(insert_effect(*writer, {.token = "t"}).value_or(0), *seq);
  EXPECT_NE(insert_effect(*writer, {.token = "t"}).value_or(0), *seq);
  EXPECT_EQ(list_effects(*writer, {.token = "t"})->size(), 4U);
}

TEST(Database, AFileThatIsNoDatabaseIsRefused) {
  const test::TestDirectory directory;
  EXPECT_FALSE(Database::open("/dev/null/x", Durability::kProcess));
  EXPECT_FALSE(Database::open(directory.path(), Durability::kProcess));
}

}  // namespace
}  // namespace squall::shop
