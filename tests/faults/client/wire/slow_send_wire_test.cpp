#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using model::AttemptClass;
using namespace std::chrono_literals;

class SlowSendOnTheWire : public FaultOnTheWire {
 protected:
  static constexpr Duration kEvery = 30ms;

  // Never more on the wire than the pieces whose time has come. `at_once`: bytes that leave first.
  void expect_pace(const HostileServer& server, std::size_t at_once, std::size_t piece) {
    const std::uint64_t received = server.bytes_received();
    for (unsigned pauses = 1; pauses < 200; ++pauses) {
      if (before(pauses * kEvery)) {
        EXPECT_LE(received, at_once + piece * (pauses - 1)) << pauses;
        return;
      }
    }
  }
};

TEST_F(SlowSendOnTheWire, InPiecesFromTheFirstByteOn) {
  HostileServer server(polite());
  load(server, "kind = 'slow_send'\nbytes = '16'\nevery = '30ms'");
  run([&] { expect_pace(server, 16, 16); });
  ASSERT_EQ(server.requests(), 1u);
  const std::string text = server.request_texts().front();
  EXPECT_EQ(arrived(text).body.size(), kBodyBytes) << "the same bytes as ever";
  EXPECT_GE(elapsed_, ((text.size() + 15) / 16 - 1) * kEvery);
  EXPECT_EQ(attempts(AttemptClass::kSuccess), 1u);
  expect_fired();
}

TEST_F(SlowSendOnTheWire, TheHeadersAtOnceAndTheBodyInPieces) {
  HostileServer server(polite());
  load(server, "kind = 'slow_send'\nbytes = '10'\nevery = '30ms'\nfrom = 'body'");
  bool head_alone = false;
  run([&] {
    const Arrived first = server.connections() == 0 ? Arrived() : arrived(server.received_from(0));
    if (before(kEvery)) {
      head_alone = head_alone || first.head_complete;
      EXPECT_EQ(first.body.size(), 0u);
    } else if (before(2 * kEvery)) {
      EXPECT_LE(first.body.size(), 10u);
    }
  });
  EXPECT_TRUE(head_alone);
  EXPECT_GE(elapsed_, 5 * kEvery) << "48 bytes are five pieces";
  EXPECT_EQ(server.requests(), 1u);
  expect_fired();
}

// A whole request that fits into one piece is sent in two.
TEST_F(SlowSendOnTheWire, AlwaysPausesOnce) {
  HostileServer server(polite());
  load(server, "kind = 'slow_send'\nbytes = '64KiB'\nevery = '30ms'");
  run([&] {
    const unsigned requests = server.requests();
    if (before(kEvery)) {
      EXPECT_EQ(requests, 0u);
    }
  });
  EXPECT_EQ(server.requests(), 1u);
  EXPECT_GE(elapsed_, kEvery);
  expect_fired();
}

TEST_F(SlowSendOnTheWire, EndsAtTheCutOfAnotherFault) {
  HostileServer server(polite());
  load(server,
       "kind = 'slow_send'\nbytes = '16'\nevery = '5ms'\n"
       "[[fault]]\nname = 'lost'\nkind = 'drop'\nat = 'body'\nbytes = '20'\n");
  run();
  EXPECT_TRUE(server.wait_until([&] { return server.client_resets() == 1; }));
  EXPECT_EQ(arrived(server.received_from(0)).body.size(), 20u);
  EXPECT_EQ(attempts(AttemptClass::kCut), 1u);
  ASSERT_EQ(slice_->faults.size(), 2u);
  EXPECT_EQ(slice_->faults[0].fired, 1u);
  EXPECT_EQ(slice_->faults[1].fired, 1u);
}

// Each copy trickles by itself up to its last byte; those leave together.
TEST_F(SlowSendOnTheWire, CopiesWaitForTheSlowest) {
  HostileServer server(polite());
  load(server,
       "kind = 'slow_send'\nbytes = '64'\n"
       "every = { distribution = 'uniform', from = '5ms', to = '30ms' }\n"
       "[[fault]]\nname = 'twins'\nkind = 'duplicate'\ncopies = 3\n");
  run();
  EXPECT_EQ(server.requests(), 3u);
  EXPECT_EQ(attempts(AttemptClass::kSuccess), 3u);
  EXPECT_EQ(slice_->faults[0].fired, 1u);
  EXPECT_EQ(slice_->faults[1].fired, 1u);
}

}  // namespace
}  // namespace squall::faults
