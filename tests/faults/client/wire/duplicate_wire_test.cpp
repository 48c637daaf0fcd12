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

TEST_F(DuplicateOnTheWire, ALateCopyComesWhenTheFlowHasGoneOn) {
  HostileServer server(polite());
  load(server, "kind = 'duplicate'\nspacing = 'late'\ndelay = '400ms'\non = ['buy.charge']",
       Setting{.more_steps = "[[scenario.step]]\nname = 'look'\nrequest = 'GET /look'\n"});
  bool gone_on = false;
  run([&] {
    const unsigned requests = server.requests();
    if (before(400ms)) {
      gone_on = gone_on || requests == 2;
      EXPECT_LE(requests, 2u);
    }
  });
  EXPECT_TRUE(gone_on);
  const std::vector<std::string> texts = server.request_texts();
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_TRUE(texts[1].starts_with("GET /look "));
  EXPECT_EQ(texts[0], texts[2]);
  EXPECT_EQ(slice_->effect_attempts.size(), 2u);
  ASSERT_EQ(slice_->effect_operations.size(), 1u);
  EXPECT_EQ(slice_->effect_operations[0].attempts, 2u);
  expect_fired();
}

TEST_F(DuplicateOnTheWire, ACopyThatTheDrainDoesNotWaitForIsPreempted) {
  HostileServer server(polite());
  load(server, "kind = 'duplicate'\nspacing = 'late'\ndelay = '5s'");
  drain_ends_ = 100ms;
  run();
  EXPECT_LT(elapsed_, 5s);
  EXPECT_EQ(server.requests(), 1u);
  ASSERT_EQ(slice_->faults.size(), 1u);
  EXPECT_EQ(slice_->faults[0].planned, 1u);
  EXPECT_EQ(slice_->faults[0].preempted, 1u);
  ASSERT_EQ(slice_->effect_operations.size(), 1u);
  EXPECT_EQ(slice_->effect_operations[0].outcome, model::OperationOutcome::kAcked);
}

TEST_F(DuplicateOnTheWire, TheCopyGoesToTheOtherReplica) {
  HostileServer server(polite());
  HostileServer other(polite());
  load(server, "kind = 'duplicate'\nto = 'other_replica'", {.other_replica = &other});
  run();
  ASSERT_EQ(server.requests(), 1u);
  ASSERT_EQ(other.requests(), 1u);
  const Arrived here = arrived(server.request_texts().front());
  const Arrived there = arrived(other.request_texts().front());
  EXPECT_EQ(here.body, there.body);
  for (const char* header : {"Idempotency-Key", "X-Now"}) {
    EXPECT_EQ(header_of(here.head, header), header_of(there.head, header)) << header;
  }
  EXPECT_EQ(header_of(there.head, "Host"), "127.0.0.1:" + std::to_string(other.port()));
  EXPECT_EQ(slice_->effect_operations.size(), 1u);
  expect_fired();
}

// The same key for something else.
TEST_F(DuplicateOnTheWire, TheCopyHasAnotherBodyUnderTheSameKey) {
  HostileServer server(polite());
  load(server,
       "kind = 'duplicate'\nspacing = 'after_response'\n"
       "change = { body = '/token', to = { not = [1, 'it'] } }");
  run();
  const std::vector<std::string> texts = server.request_texts();
  ASSERT_EQ(texts.size(), 2u);
  const Arrived first = arrived(texts[0]);
  const Arrived second = arrived(texts[1]);
  const std::string key = header_of(first.head, "Idempotency-Key");
  EXPECT_EQ(header_of(second.head, "Idempotency-Key"), key);
  EXPECT_EQ(first.body, "{\"token\":\"" + key + "\"}");
  EXPECT_EQ(second.body, R"({"token":{"not":[1,"it"]}})");
  EXPECT_EQ(header_of(second.head, "Content-Length"), std::to_string(second.body.size()));
  ASSERT_EQ(slice_->effect_operations.size(), 1u);
  ASSERT_EQ(slice_->effect_attempts.size(), 2u);
  EXPECT_EQ(slice_->effect_attempts[1].copy, 1u);
  EXPECT_EQ(slice_->effect_attempts[1].key, slice_->effect_attempts[0].key);
  expect_fired();
}

}  // namespace
}  // namespace squall::faults
