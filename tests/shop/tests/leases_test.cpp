// Who has a lease, and when it is over by which clock.
#include "tests/shop/leases.hpp"

#include <gtest/gtest.h>

#include "tests/support/files.hpp"

namespace squall::shop {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// A process with leases in a file that others share, and a clock of its own.
struct Replica {
  Replica(const std::string& file, LeaseClock how)
      : database(*Database::open(file, Durability::kProcess)),
        book({.clock = how, .time = seconds(5)}, *database, clock) {}

  Lease acquire(const std::string& holder) {
    const Result<Lease> lease = book.acquire("nightly", holder);
    EXPECT_TRUE(lease) << (lease ? "" : lease.error().message);
    return lease.value_or(Lease());
  }

  ManualClock clock;
  std::unique_ptr<Database> database;
  LeaseBook book;
};

class Leases : public ::testing::TestWithParam<LeaseClock> {
 protected:
  test::TestDirectory directory_;
  Replica a_{directory_ / "leases.db", GetParam()};
  Replica b_{directory_ / "leases.db", GetParam()};
};

INSTANTIATE_TEST_SUITE_P(BothClocks, Leases,
                         ::testing::Values(LeaseClock::kWall, LeaseClock::kObserved));

TEST_P(Leases, OneHasIt) {
  const Lease first = a_.acquire("a");
  EXPECT_TRUE(first.held);
  const Lease refused = b_.acquire("b");
  EXPECT_FALSE(refused.held);
  EXPECT_EQ(refused.holder, "a");
  EXPECT_EQ(refused.token, first.token);
}

TEST_P(Leases, ItsHolderMakesItLast) {
  const Lease first = a_.acquire("a");
  for (int i = 0; i < 5; ++i) {
    a_.clock.advance(seconds(3));
    b_.clock.advance(seconds(3));
    EXPECT_GT(a_.acquire("a").token, first.token);
    EXPECT_FALSE(b_.acquire("b").held);
  }
}

TEST_P(Leases, SomebodyElsesTurnComesWhenItIsOver) {
  const Lease first = a_.acquire("a");
  EXPECT_FALSE(b_.acquire("b").held);
  b_.clock.advance(seconds(5));
  const Lease taken = b_.acquire("b");
  EXPECT_TRUE(taken.held);
  EXPECT_GT(taken.token, first.token);
  EXPECT_EQ(a_.acquire("a").holder, "b");
}

class SkewedLeases : public ::testing::Test {
 protected:
  // Whether a lease that was just taken is taken away by a replica whose clock is off.
  bool is_taken_away(LeaseClock how, Duration offset) {
    const test::TestDirectory directory;
    Replica right(directory / "leases.db", how);
    Replica skewed(directory / "leases.db", how);
    skewed.clock.step_wall(offset);
    right.acquire("a");
    return skewed.acquire("b").held;
  }
};

TEST_F(SkewedLeases, AWallClockThatIsAheadTakesThemAway) {
  EXPECT_FALSE(is_taken_away(LeaseClock::kWall, seconds(4)));
  EXPECT_TRUE(is_taken_away(LeaseClock::kWall, seconds(5)));
}

TEST_F(SkewedLeases, WhoLooksHowLongTheyStayUnchangedNeedsNoRightClock) {
  EXPECT_FALSE(is_taken_away(LeaseClock::kObserved, hours(1)));
  EXPECT_FALSE(is_taken_away(LeaseClock::kObserved, -hours(1)));
}

}  // namespace
}  // namespace squall::shop
