// What a slow sender and a slow reader do, seen from the peer's socket.
#include <gtest/gtest.h>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/loadgen/engine/native/raw_peer.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using squall::test::HostileServer;

model::WireScript slow_read(double bytes_per_s, std::uint32_t window) {
  model::WireScript script;
  script.slow_read = model::WireSlowRead{bytes_per_s, window};
  return script;
}
// `every` must outlive the script.
model::WireScript trickle(std::uint64_t bytes, const expr::Distribution& every) {
  model::WireScript script;
  script.trickle = model::WireTrickle{.bytes = bytes, .every = &every};
  return script;
}

// Its timeout is over as soon as the fault has been seen to act; neither waits for the other.
void time_out_once(Rig& rig, Exchange& exchange, const bool& acted) {
  exchange.timeout = 1h;
  rig.submit(exchange);
  ASSERT_TRUE(rig.run_until([&] { return acted; }));
  rig.engine().on_time(exchange.taken_up + 2h);
  rig.collect();
}

// How much of an endless answer the client's host takes while the client reads a byte a second.
std::size_t taken_ahead(const model::WireScript* script) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  Exchange& exchange = rig.make(get());
  exchange.script = script;
  model::WireScript hold;
  if (script == nullptr) {
    hold.hold[static_cast<std::size_t>(model::WirePoint::kAfterSend)] = 10s;
    exchange.script = &hold;
  }
  rig.submit(exchange);
  EXPECT_TRUE(rig.run_until([&] { return peer.has_caller(); }));
  peer.accept_waiting();
  EXPECT_TRUE(rig.run_until([&] { return peer.unread(0) == exchange.request.size(); }));
  const std::string_view head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
  peer.send(0, head);
  std::size_t sent = head.size();
  std::size_t taken = 0;
  // Until its kernel has taken nothing more for a while.
  TimePoint moved = monotonic_now();
  EXPECT_TRUE(rig.run_until([&] {
    sent += peer.fill(0);
    const std::size_t now_taken = sent - peer.unacknowledged(0);
    moved = now_taken > taken ? monotonic_now() : moved;
    taken = now_taken;
    return monotonic_now() - moved > 200ms;
  }));
  rig.engine().abandon_all(monotonic_now());
  return taken;
}

TEST(NativeSlowRead, ThePeerFeelsTheSmallWindow) {
  const model::WireScript slow = slow_read(1, 2048);
  const std::size_t ahead = taken_ahead(&slow);
  EXPECT_GT(ahead, 0u);
  EXPECT_LT(ahead, 16u * 1024);
  EXPECT_GT(taken_ahead(nullptr), 4 * ahead) << "a client that only rests has the usual window";
}

TEST(NativeSlowRead, TheTimeoutStillCounts) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send_large(100'000), HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const model::WireScript slow = slow_read(1000, 4096);
  Exchange& exchange = rig.make(get());
  exchange.script = &slow;
  time_out_once(rig, exchange, exchange.slow_read_fired);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_LT(exchange.bytes_received, 100'000u);
  EXPECT_EQ(exchange.detail, "reading slowly");
}

// The slot of a slow connection serves the next one at full speed.
TEST(NativeSlowRead, LeavesNothingBehind) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send_large(50'000), HostileServer::again()});
  Rig rig(plan_for({server.port()}), 1);
  const model::WireScript slow = slow_read(500'000, 4096);
  Exchange& first = rig.make(get());
  first.script = &slow;
  rig.run(first);
  EXPECT_EQ(first.how, AttemptClass::kSuccess);
  Exchange& second = rig.run(get());
  EXPECT_EQ(second.how, AttemptClass::kSuccess);
  EXPECT_FALSE(second.slow_read_fired);
  EXPECT_NE(first.connection_id, second.connection_id);
  EXPECT_EQ(second.bytes_received, first.bytes_received);
}

TEST(NativeTrickle, TheTimeoutEndsIt) {
  HostileServer server({HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const expr::Distribution every = expr::Distribution::constant(20ms);
  const model::WireScript slow = trickle(1, every);
  Exchange& exchange = rig.make(post(std::string(10'000, 'b')));
  exchange.script = &slow;
  time_out_once(rig, exchange, exchange.trickle_fired);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(exchange.detail, "sending slowly");
  EXPECT_GE(exchange.bytes_sent, 1u);
  EXPECT_LT(exchange.bytes_sent, exchange.request.size());
}

// Where its only pause would be, the copies wait for each other, or another fault holds the
// request: it is sent slowly all the same.
TEST(NativeTrickle, IsSlowBesideABarrierAndAHold) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send(squall::test::ok_answer("ok")),
                        HostileServer::again()});
  Rig rig(plan_for({server.port()}));
  const expr::Distribution every = expr::Distribution::constant(1ms);
  for (const bool body_only : {false, true}) {
    for (const TestRequest& request : {get(), post("0123456789")}) {
      model::WireScript slow = trickle(1'000'000, every);
      slow.trickle->body_only = body_only;
      Barrier barrier;
      barrier.expected = 2;
      std::vector<Exchange*> copies;
      for (unsigned copy = 0; copy < barrier.expected; ++copy) {
        Exchange& exchange = rig.make(request);
        exchange.script = &slow;
        exchange.barrier = &barrier;
        copies.push_back(&rig.submit(exchange));
      }
      ASSERT_TRUE(rig.run_all());
      for (const Exchange* const copy : copies) {
        EXPECT_EQ(copy->how, AttemptClass::kSuccess) << copy->detail;
        EXPECT_TRUE(copy->trickle_fired) << request.text;
        EXPECT_TRUE(copy->copy_fired);
      }
      for (const auto point : {model::WirePoint::kHeaders, model::WirePoint::kBeforeLastByte}) {
        if (request.head_bytes == request.text.size() && point == model::WirePoint::kHeaders) {
          continue;  // the end of the request, whose answer does not wait
        }
        model::WireScript held = slow;
        held.hold[static_cast<std::size_t>(point)] = 1ms;
        Exchange& exchange = rig.make(request);
        exchange.script = &held;
        rig.run(exchange);
        EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
        EXPECT_TRUE(exchange.trickle_fired) << request.text << to_string(point);
        EXPECT_TRUE(exchange.hold_fired);
      }
    }
  }
}

// A peer that answers early ends the request where it is, and the connection with it.
TEST(NativeTrickle, AnAnswerEndsIt) {
  HostileServer server({HostileServer::read_bytes(2),
                        HostileServer::send(squall::test::ok_answer("no")),
                        HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const expr::Distribution every = expr::Distribution::constant(20ms);
  const model::WireScript slow = trickle(1, every);
  Exchange& exchange = rig.make(post("0123456789"));
  exchange.script = &slow;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_LT(exchange.bytes_sent, exchange.request.size());
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
}

}  // namespace
}  // namespace squall::engine::test
