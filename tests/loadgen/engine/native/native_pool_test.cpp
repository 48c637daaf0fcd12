// Which connection carries which request: cap, order, age, and connections that died while nobody
// looked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/loadgen/engine/native/raw_peer.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::CopyConnection;
using squall::test::HostileServer;
using squall::test::ok_answer;

// Holds each request for a while, so that several are under way.
HostileServer::Script slow() {
  return {HostileServer::read_request(), HostileServer::wait(20ms),
          HostileServer::send(ok_answer("x")), HostileServer::again()};
}

TEST(NativePool, WhatAsksForEffectsLooksAtAConnectionHoweverShortItsRest) {
  HostileServer server([](unsigned connection) {
    HostileServer::Script script = polite();
    if (connection == 0) {
      script.back() = HostileServer::close_fin();
    }
    return script;
  });
  Rig rig(plan_for({server.port()}));
  const Exchange& first = rig.run(get());
  ASSERT_EQ(first.how, AttemptClass::kSuccess);
  ASSERT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  Exchange& second = rig.make(post("1"));
  second.once = true;
  rig.engine().submit(second, first.end);  // no rest at all, and the loop has not turned since
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(second.how, AttemptClass::kSuccess) << second.detail;
  EXPECT_EQ(rig.engine().take_counters().closed_before_send, 1U);
}

TEST(NativePool, ADeadlineOutlivesTheConnectionThatWasClosedBeforeItWasUsed) {
  HostileServer server([](unsigned connection) {
    return connection == 0
               ? HostileServer::Script{HostileServer::read_request(),
                                       HostileServer::send(ok_answer("x")),
                                       HostileServer::wait(50ms), HostileServer::close_fin()}
               : HostileServer::Script{HostileServer::stall()};
  });
  Rig rig(plan_for({server.port()}));
  ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  model::WireScript held;
  held.hold[static_cast<std::size_t>(model::WirePoint::kSend)] = 5s;
  held.fault_count = 1;
  Exchange& exchange = rig.make(get());
  exchange.script = &held;
  exchange.timeout = 600ms;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(rig.engine().take_counters().closed_before_send, 1U);
  EXPECT_EQ(exchange.deadline - exchange.taken_up, 600ms);
  EXPECT_GE(exchange.end, exchange.deadline);
}

TEST(NativePool, NewestIdleConnectionIsUsedFirst) {
  HostileServer server(slow());
  Rig rig(plan_for({server.port()}), 4);
  for (int i = 0; i < 4; ++i) {
    rig.submit(get());
  }
  ASSERT_TRUE(rig.run_all());
  const std::uint64_t last = rig.completed().back()->connection_id;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(rig.run(get()).connection_id, last);
  }
}

TEST(NativePool, WaitingOneGetsTheConnectionOfAnotherTarget) {
  HostileServer first(slow());
  HostileServer second(slow());
  Rig rig(plan_for({first.port(), second.port()}), 1);
  for (int i = 0; i < 6; ++i) {
    rig.submit(get(), static_cast<std::uint16_t>(i % 2));
  }
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(first.requests(), 3U);
  EXPECT_EQ(second.requests(), 3U);
}

TEST(NativePool, ReplicasHaveConnectionsOfTheirOwn) {
  HostileServer first(polite());
  HostileServer second(polite());
  model::Plan plan = plan_for({first.port()});
  plan.targets[0].replicas.push_back(plan.targets[0].replicas[0]);
  plan.targets[0].replicas[1].port = second.port();
  Rig rig(plan);
  for (int i = 0; i < 4; ++i) {
    Exchange& exchange = rig.make(get());
    exchange.replica = static_cast<std::uint16_t>(i % 2);
    rig.run(exchange);
  }
  EXPECT_EQ(first.requests(), 2U);
  EXPECT_EQ(second.requests(), 2U);
  EXPECT_EQ(first.connections(), 1U);
}

TEST(NativePool, IdleConnectionsAreClosedAtTheirLimit) {
  HostileServer server(polite());
  model::Plan plan = plan_for({server.port()});
  plan.targets[0].idle_limit = 60ms;
  Rig rig(plan);
  rig.run(get());
  ASSERT_EQ(rig.engine().connections(), 1U);
  EXPECT_TRUE(rig.run_until([&] { return rig.engine().connections() == 0; }));
  EXPECT_TRUE(server.wait_until([&] { return server.client_fins() == 1; }));
}

TEST(NativePool, IdleConnectionBeyondItsLimitIsNotUsed) {
  HostileServer server(polite());
  model::Plan plan = plan_for({server.port()});
  plan.targets[0].idle_limit = 1ms;
  Rig rig(plan);
  rig.run(get());
  // The engine is not asked meanwhile, so that only the look before use can notice.
  ASSERT_FALSE(server.wait_until([] { return false; }, 10ms));
  Exchange& second = rig.run(get());
  EXPECT_EQ(second.how, AttemptClass::kSuccess);
  EXPECT_EQ(second.connection_id, 2U);
}

// Answers one request on the peer's first connection, which is idle then, and lets it rest for a
// moment without turning the loop, so that only the look before use can notice what the peer does.
void rest_after_one_answer(Rig& rig, RawPeer& peer) {
  const Exchange& exchange = rig.submit(get());
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) > 0; }));
  static_cast<void>(peer.read(0));
  peer.send(0, ok_answer("x"));
  ASSERT_TRUE(rig.run_all());
  ASSERT_EQ(rig.engine().connections(), 1U);
  while (monotonic_now() - exchange.end < 2ms) {
  }
}

Exchange& run_on_second_connection(Rig& rig, RawPeer& peer) {
  Exchange& exchange = rig.submit(get());
  EXPECT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 2 && peer.unread(1) > 0; }));
  peer.send(1, ok_answer("x"));
  EXPECT_TRUE(rig.run_all());
  return exchange;
}

TEST(NativePool, ClosedBeforeSendTakesAnotherConnection) {
  for (const bool reset : {false, true}) {
    RawPeer peer;
    Rig rig(plan_for({peer.port()}));
    rest_after_one_answer(rig, peer);
    reset ? peer.reset(0) : peer.close(0);
    const Exchange& exchange = run_on_second_connection(rig, peer);
    EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
    EXPECT_EQ(exchange.connection_id, 2U);
    EXPECT_EQ(rig.engine().take_counters().closed_before_send, 1U);
    EXPECT_EQ(rig.engine().connections(), 1U);
  }
}

TEST(NativePool, PeerThatSpeaksOutOfTurnIsDropped) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  rest_after_one_answer(rig, peer);
  peer.send(0, "HTTP/1.1 408 Request Timeout\r\n\r\n");
  const Exchange& exchange = run_on_second_connection(rig, peer);
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.connection_id, 2U);
  EXPECT_EQ(rig.engine().take_counters().unsolicited_bytes, 32U);
}

TEST(NativePool, PeerThatSpeaksOutOfTurnIsDroppedByTheLoopToo) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("x")),
                        HostileServer::wait(5ms), HostileServer::send("?"),
                        HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  EXPECT_TRUE(rig.run_until([&] { return rig.engine().connections() == 0; }));
  EXPECT_EQ(rig.engine().take_counters().unsolicited_bytes, 1U);
}

TEST(NativePool, IdleConnectionsThatThePeerEndsAreForgotten) {
  HostileServer server([](unsigned connection) {
    HostileServer::Script script = {HostileServer::read_request(), HostileServer::wait(20ms),
                                    HostileServer::send(ok_answer("x"))};
    script.push_back(connection == 0 ? HostileServer::close_fin() : HostileServer::close_rst());
    return script;
  });
  Rig rig(plan_for({server.port()}));
  rig.submit(get());
  rig.submit(get());
  ASSERT_TRUE(rig.run_all());
  EXPECT_TRUE(rig.run_until([&] { return rig.engine().connections() == 0; }));
}

TEST(NativePool, SameMeansTheConnectionOfTheFirstCopy) {
  HostileServer server(slow());
  Rig rig(plan_for({server.port()}), 3);
  Exchange& first = rig.submit(get());
  rig.submit(get());
  rig.submit(get());  // ends last, so its connection is the newest
  ASSERT_TRUE(rig.run_all());
  Exchange& second = rig.make(get());
  second.connection = CopyConnection::kSame;
  second.same_connection_as = &first;
  rig.run(second);
  EXPECT_EQ(second.connection_id, first.connection_id);
  EXPECT_TRUE(second.copy_fired);
  EXPECT_EQ(second.detail, "");
}

TEST(NativePool, SameConnectionThatIsGoneIsToldAndAnotherOneTaken) {
  HostileServer server([](unsigned connection) {
    return connection == 0
               ? HostileServer::Script{HostileServer::read_request(),
                                       HostileServer::send(ok_answer("x", "Connection: close\r\n")),
                                       HostileServer::close_fin()}
               : polite();
  });
  Rig rig(plan_for({server.port()}));
  Exchange& first = rig.run(get());
  Exchange& second = rig.make(get());
  second.connection = CopyConnection::kSame;
  second.same_connection_as = &first;
  rig.run(second);
  EXPECT_EQ(second.how, AttemptClass::kSuccess);
  EXPECT_FALSE(second.copy_fired);
  EXPECT_EQ(second.detail, "not on the same connection: it was closed or busy");
}

}  // namespace
}  // namespace squall::engine::test
