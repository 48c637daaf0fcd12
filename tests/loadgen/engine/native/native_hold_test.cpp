// Holds: the bytes that the peer has while the request is held, and for how long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/loadgen/engine/native/raw_peer.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::WirePoint;
using model::WireScript;
using squall::test::HostileServer;
using squall::test::ok_answer;

constexpr Duration kHold = 60ms;

WireScript hold_at(WirePoint at, Duration hold = kHold) {
  WireScript script;
  script.hold[static_cast<std::size_t>(at)] = hold;
  script.fault_count = 1;
  return script;
}

TEST(NativeHold, PeerHasExactlyTheBytesBeforeThePoint) {
  const TestRequest request = post("0123456789");
  struct Case {
    WirePoint point;
    std::size_t arrives;  // bytes
  };
  const std::vector<Case> cases = {{WirePoint::kSend, 0},
                                   {WirePoint::kHeaders, request.head_bytes},
                                   {WirePoint::kBeforeLastByte, request.text.size() - 1}};
  for (const Case& one : cases) {
    RawPeer peer;
    Rig rig(plan_for({peer.port()}));
    const WireScript script = hold_at(one.point, 400ms);
    Exchange& exchange = rig.make(request);
    exchange.script = &script;
    rig.submit(exchange);
    ASSERT_TRUE(
        rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) == one.arrives; }));
    // Nothing more comes for a while, then everything.
    EXPECT_FALSE(rig.run_until([&] { return peer.unread(0) > one.arrives; }, 100ms));
    EXPECT_FALSE(exchange.hold_fired);
    EXPECT_TRUE(rig.run_until([&] { return peer.unread(0) == request.text.size(); }));
    EXPECT_TRUE(exchange.hold_fired);
    peer.send(0, ok_answer("x"));
    ASSERT_TRUE(rig.run_all());
    EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
    if (one.arrives > 0) {
      EXPECT_GE(exchange.request_sent - exchange.first_byte_sent, 400ms);
    } else {
      EXPECT_GE(exchange.first_byte_sent - exchange.taken_up, 400ms);
    }
    EXPECT_EQ(rig.engine().connections(), 1U);
  }
}

TEST(NativeHold, BeforeConnectingNoConnectionIsMade) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  const WireScript script = hold_at(WirePoint::kConnect, 300ms);
  Exchange& exchange = rig.make(post("x"));
  exchange.script = &script;
  rig.submit(exchange);
  EXPECT_EQ(rig.engine().in_flight(), 1U);
  EXPECT_EQ(rig.engine().waiting(), 0U);
  EXPECT_EQ(rig.engine().next_deadline(), exchange.taken_up + 300ms);
  EXPECT_FALSE(rig.run_until([&] { return peer.has_caller(); }, 100ms));
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1; }));
  EXPECT_GE(monotonic_now() - exchange.taken_up, 300ms);
  EXPECT_TRUE(exchange.hold_fired);
}

TEST(NativeHold, BeforeReadingTheAnswer) {
  HostileServer server(polite());
  Rig rig(plan_for({server.port()}));
  const WireScript script = hold_at(WirePoint::kAfterSend);
  Exchange& exchange = rig.make(post("x"));
  exchange.script = &script;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_TRUE(exchange.hold_fired);
  EXPECT_GE(exchange.end - exchange.request_sent, kHold);
  EXPECT_LT(exchange.request_sent - exchange.first_byte_sent, kHold);
  // The connection is as good as before.
  EXPECT_EQ(rig.run(get()).connection_id, exchange.connection_id);
}

TEST(NativeHold, SeveralInOneRequestAddUp) {
  HostileServer server(polite());
  Rig rig(plan_for({server.port()}));
  WireScript script;
  for (const WirePoint point : {WirePoint::kConnect, WirePoint::kSend, WirePoint::kHeaders,
                                WirePoint::kBeforeLastByte, WirePoint::kAfterSend}) {
    script.hold[static_cast<std::size_t>(point)] = 20ms;
  }
  script.fault_count = 1;
  for (int i = 0; i < 2; ++i) {  // on a new connection and on a warm one
    Exchange& exchange = rig.make(post("0123456789"));
    exchange.script = &script;
    rig.run(exchange);
    EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
    EXPECT_GE(exchange.end - exchange.taken_up, 100ms);
    EXPECT_EQ(server.request_texts().back(), exchange.request);
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(NativeHold, LongerThanTheTimeoutIsATimeout) {
  HostileServer server(polite());
  Rig rig(plan_for({server.port()}));
  for (const WirePoint point :
       {WirePoint::kConnect, WirePoint::kSend, WirePoint::kBeforeLastByte, WirePoint::kAfterSend}) {
    const WireScript script = hold_at(point, 10s);
    Exchange& exchange = rig.make(post("x"));
    exchange.script = &script;
    exchange.timeout = 50ms;
    rig.run(exchange);
    EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
    EXPECT_FALSE(exchange.hold_fired);
    EXPECT_LT(exchange.end - exchange.taken_up, 5s);
  }
  EXPECT_EQ(server.requests(), 1U);  // the last one
}

TEST(NativeHold, BeforeConnectingCountsAgainstTheTimeout) {
  HostileServer server({HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const WireScript script = hold_at(WirePoint::kConnect, 500ms);
  Exchange& exchange = rig.make(post("x"));
  exchange.script = &script;
  exchange.timeout = 550ms;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_GE(exchange.end - exchange.taken_up, 550ms);
  EXPECT_LT(exchange.end - exchange.first_byte_sent, 500ms);
  EXPECT_GT(exchange.bytes_sent, 0U);
}

TEST(NativeHold, AnswerWhileHeldEndsTheExchange) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  const WireScript script = hold_at(WirePoint::kBeforeLastByte, 3s);
  Exchange& exchange = rig.make(post("x"));
  exchange.script = &script;
  rig.submit(exchange);
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) > 0; }));
  peer.send(0, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(rig.run_all(2s));
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.status, 408);
  EXPECT_FALSE(exchange.hold_fired);
  EXPECT_EQ(rig.engine().connections(), 0U);
}

TEST(NativeHold, CloseWhileHeldAfterBytesWereSent) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  const WireScript script = hold_at(WirePoint::kBeforeLastByte, 3s);
  Exchange& exchange = rig.make(post("x"));
  exchange.script = &script;
  rig.submit(exchange);
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) > 0; }));
  static_cast<void>(peer.read(0));
  peer.close(0);
  ASSERT_TRUE(rig.run_all(2s));
  EXPECT_EQ(exchange.how, AttemptClass::kClosed);
}

TEST(NativeHold, CloseOfAWarmConnectionBeforeTheFirstByteMovesToAFreshOne) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  rig.submit(get());
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) > 0; }));
  static_cast<void>(peer.read(0));
  peer.send(0, ok_answer("x"));
  ASSERT_TRUE(rig.run_all());
  const WireScript script = hold_at(WirePoint::kSend, 50ms);
  Exchange& exchange = rig.make(post("x"));
  exchange.script = &script;
  rig.submit(exchange);
  EXPECT_EQ(exchange.connection_id, 1U);
  peer.close(0);
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 2 && peer.unread(1) > 0; }));
  peer.send(1, ok_answer("x"));
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.connection_id, 2U);
  EXPECT_EQ(rig.engine().take_counters().closed_before_send, 1U);
}

TEST(NativeHold, PeerThatSpeaksBeforeTheRequestOnAFreshConnection) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  const WireScript script = hold_at(WirePoint::kSend, 3s);
  Exchange& exchange = rig.make(post("x"));
  exchange.script = &script;
  rig.submit(exchange);
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1; }));
  peer.send(0, "220 mail.example ESMTP\r\n");
  ASSERT_TRUE(rig.run_all(2s));
  EXPECT_EQ(exchange.how, AttemptClass::kMalformed);
  EXPECT_EQ(exchange.detail, "the peer spoke before the request");
  EXPECT_EQ(exchange.bytes_sent, 0U);
}

}  // namespace
}  // namespace squall::engine::test
