#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using namespace std::chrono_literals;

// Arrival 3 is the first of each run, and the only one among the first four.
constexpr const char* kHoldsTheFirst = "kind = 'reorder'\nfirst_n = 4\n";

class ReorderOnTheWire : public FaultOnTheWire {};

TEST_F(ReorderOnTheWire, LeavesWhenEnoughHavePassed) {
  HostileServer server(polite());
  load(server, kHoldsTheFirst + std::string("passed_by = 2\nwait = '5s'"));
  arrivals_ = 3;
  run();
  EXPECT_EQ(server.requests(), 3u);
  EXPECT_EQ(sequence(server).back(), '3');
  EXPECT_LT(elapsed_, 5s);
  expect_fired();
}

// The ones that pass are sent, not answered.
TEST_F(ReorderOnTheWire, DoesNotWaitForTheirAnswers) {
  HostileServer server(polite(500ms));
  load(server, kHoldsTheFirst + std::string("passed_by = 1\nwait = '5s'"));
  arrivals_ = 2;
  bool all_there = false;
  run([&] {
    const unsigned requests = server.requests();
    all_there = all_there || (requests == 2 && before(500ms));
  });
  EXPECT_TRUE(all_there);
  EXPECT_EQ(sequence(server), "43");
  expect_fired();
}

TEST_F(ReorderOnTheWire, WaitsNoLongerThanItMay) {
  HostileServer server(polite());
  load(server, kHoldsTheFirst + std::string("passed_by = 1\nwait = '150ms'"));
  run([&] {
    const unsigned requests = server.requests();
    if (before(150ms)) {
      EXPECT_EQ(requests, 0u);
    }
  });
  EXPECT_EQ(server.requests(), 1u);
  ASSERT_EQ(slice_->unfired.size(), 1u);
  EXPECT_EQ(slice_->unfired[0].reason, "no later request passed it in its time");
  ASSERT_EQ(slice_->attempts.size(), 1u);
  EXPECT_LT(slice_->attempts.begin()->second->lag.max(), 100'000'000)
      << "being held is not the generator's lateness";
}

TEST_F(ReorderOnTheWire, TheEndOfTheLoadLetsItGo) {
  HostileServer server(polite());
  load(server, kHoldsTheFirst + std::string("passed_by = 1\nwait = '8s'"));
  run({}, 9900ms);
  EXPECT_GE(elapsed_, 100ms);
  EXPECT_LT(elapsed_, 8s);
  EXPECT_EQ(server.requests(), 1u);
  EXPECT_EQ(slice_->faults[0].preempted, 1u);
  EXPECT_TRUE(slice_->unfired.empty());
}

TEST_F(ReorderOnTheWire, TheEndOfTheDrainEndsIt) {
  HostileServer server(polite());
  load(server, kHoldsTheFirst + std::string("passed_by = 1\nwait = '8s'"));
  drain_ends_ = 100ms;
  run();
  EXPECT_LT(elapsed_, 8s);
  EXPECT_EQ(server.requests(), 0u);
  EXPECT_EQ(slice_->faults[0].preempted, 1u);
  EXPECT_EQ(slice_->counters.dropped, 1u);
}

TEST_F(ReorderOnTheWire, TwinsAreHeldTogether) {
  HostileServer server(polite());
  load(server, kHoldsTheFirst + std::string("passed_by = 1\nwait = '5s'\n"
                                            "[[fault]]\nname = 'twins'\nkind = 'duplicate'\n"
                                            "first_n = 4"));
  arrivals_ = 2;
  run();
  EXPECT_EQ(sequence(server), "433");
  ASSERT_EQ(slice_->faults.size(), 2u);
  EXPECT_EQ(slice_->faults[0].fired, 1u);
  EXPECT_EQ(slice_->faults[1].fired, 1u);
}

}  // namespace
}  // namespace squall::faults
