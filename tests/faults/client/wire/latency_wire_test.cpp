#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using model::AttemptClass;
using namespace std::chrono_literals;
using Look = std::function<bool(const HostileServer&)>;

class LatencyOnTheWire : public FaultOnTheWire {
 protected:
  static constexpr Duration kHold = 300ms;

  // Runs one request held at `at`. Before the hold is over the server must have come to `reached`
  // and never beyond `allowed`.
  void hold(const std::string& at, const Look& reached, const Look& allowed) {
    HostileServer server(polite());
    load(server, "kind = 'latency'\nlatency = '300ms'\nat = '" + at + "'");
    bool was_reached = false;
    run([&] {
      const bool got_there = reached(server);
      const bool held = allowed(server);
      if (before(kHold)) {
        was_reached = was_reached || got_there;
        EXPECT_TRUE(held) << at;
      }
    });
    EXPECT_TRUE(was_reached) << at;
    EXPECT_GE(elapsed_, kHold);
    EXPECT_EQ(server.requests(), 1u);
    EXPECT_EQ(attempts(AttemptClass::kSuccess), 1u);
    expect_fired();
  }

  static Arrived first(const HostileServer& server) {
    return server.connections() == 0 ? Arrived() : arrived(server.received_from(0));
  }
};

TEST_F(LatencyOnTheWire, BeforeConnecting) {
  const Look nobody = [](const HostileServer& server) { return server.connections() == 0; };
  hold("connect", nobody, nobody);
}

TEST_F(LatencyOnTheWire, BeforeTheFirstByte) {
  hold(
      "send", [](const HostileServer& server) { return server.connections() == 1; },
      [](const HostileServer& server) { return server.bytes_received() == 0; });
}

TEST_F(LatencyOnTheWire, BetweenHeadersAndBody) {
  hold(
      "headers", [](const HostileServer& server) { return first(server).head_complete; },
      [](const HostileServer& server) { return first(server).body.empty(); });
}

TEST_F(LatencyOnTheWire, BeforeTheLastByte) {
  hold(
      "before_last_byte",
      [](const HostileServer& server) { return first(server).body.size() == kBodyBytes - 1; },
      [](const HostileServer& server) { return first(server).body.size() < kBodyBytes; });
}

// The whole request is there at once, only the answer is read late.
TEST_F(LatencyOnTheWire, BeforeTheAnswerIsRead) {
  hold(
      "after_send", [](const HostileServer& server) { return server.requests() == 1; },
      [](const HostileServer&) { return true; });
}

}  // namespace
}  // namespace squall::faults
