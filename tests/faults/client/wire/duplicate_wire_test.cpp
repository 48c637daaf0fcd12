#include <set>

#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using model::AttemptClass;
using namespace std::chrono_literals;

class DuplicateOnTheWire : public FaultOnTheWire {
 protected:
  void expect_equal_copies(const HostileServer& server, unsigned copies) {
    EXPECT_EQ(server.requests(), copies);
    const std::vector<std::string> texts = server.request_texts();
    EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), 1u)
        << "byte for byte the same";
    EXPECT_EQ(attempts(AttemptClass::kSuccess), copies);
    EXPECT_EQ(slice_->effect_operations.size(), 1u);
    EXPECT_EQ(slice_->effect_attempts.size(), copies);
    expect_fired();
  }
};

// That their last bytes leave in one loop turn is the engine's promise: native_barrier_test holds
// it to that.
TEST_F(DuplicateOnTheWire, TogetherSendsEachCopyOnAConnectionOfItsOwn) {
  HostileServer server(polite());
  load(server, "kind = 'duplicate'\ncopies = 5");
  run();
  EXPECT_EQ(server.connections(), 5u);
  for (unsigned connection = 0; connection < 5; ++connection) {
    EXPECT_EQ(server.received_from(connection), server.request_texts().front());
  }
  expect_equal_copies(server, 5);
}

TEST_F(DuplicateOnTheWire, SpacedCopiesStartLater) {
  HostileServer server(polite());
  load(server, "kind = 'duplicate'\ncopies = 3\nspacing = '100ms'");
  bool early = false;
  run([&] {
    const unsigned requests = server.requests();
    early = early || (before(100ms) && requests > 1) || (before(200ms) && requests > 2);
  });
  EXPECT_FALSE(early);
  EXPECT_GE(elapsed_, 200ms);
  expect_equal_copies(server, 3);
}

TEST_F(DuplicateOnTheWire, AfterTheResponseOnTheSameConnection) {
  HostileServer server(polite(80ms));
  load(server, "kind = 'duplicate'\ncopies = 3\nspacing = 'after_response'\nconnection = 'same'");
  run();
  EXPECT_GE(elapsed_, 240ms) << "each waits for the answer of the one before";
  EXPECT_EQ(server.connections(), 1u);
  expect_equal_copies(server, 3);
}

TEST_F(DuplicateOnTheWire, AfterTheResponseOnFreshConnections) {
  HostileServer server(polite());
  load(server, "kind = 'duplicate'\ncopies = 3\nspacing = 'after_response'\nconnection = 'fresh'");
  run();
  EXPECT_EQ(server.connections(), 3u);
  expect_equal_copies(server, 3);
}

TEST_F(DuplicateOnTheWire, ALostAnswerOfOneTwinLeavesTheOther) {
  HostileServer server(polite(100ms));
  load(
      server,
      "kind = 'duplicate'\n[[fault]]\nname = 'lost'\nkind = 'drop'\nat = 'after_send'\ncopy = 2\n");
  run();
  EXPECT_TRUE(server.wait_until([&] { return server.client_resets() == 1; }));
  ASSERT_EQ(server.connections(), 2u);
  EXPECT_EQ(server.received_from(0), server.received_from(1)) << "both arrived whole";
  EXPECT_EQ(arrived(server.received_from(0)).body.size(), kBodyBytes);
  EXPECT_EQ(attempts(AttemptClass::kCut), 1u);
  EXPECT_EQ(attempts(AttemptClass::kSuccess), 1u);
  ASSERT_EQ(slice_->faults.size(), 2u);
  EXPECT_EQ(slice_->faults[0].fired, 1u);
  EXPECT_EQ(slice_->faults[1].fired, 1u);
  ASSERT_EQ(slice_->effect_operations.size(), 1u);
  EXPECT_EQ(slice_->effect_operations[0].outcome, model::OperationOutcome::kAcked);
}

}  // namespace
}  // namespace squall::faults
