// Cuts, as the server sees them: how many bytes came, and how the connection ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/loadgen/engine/native/raw_peer.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::CutHow;
using model::WireCut;
using model::WirePoint;
using model::WireScript;
using squall::test::HostileServer;
using squall::test::ok_answer;
using testing::HasSubstr;

WireScript cut_at(WirePoint at, CutHow how, std::uint64_t body_bytes = 0, Duration delay = {}) {
  WireScript script;
  script.cut = WireCut{.at = at, .how = how, .body_bytes = body_bytes, .delay = delay};
  script.fault_count = 1;
  return script;
}

Exchange& make_cut(Rig& rig, const TestRequest& request, const WireScript& script) {
  Exchange& exchange = rig.make(request);
  exchange.script = &script;
  exchange.cut_applies = true;
  return exchange;
}

struct CutCase {
  const char* name;
  WirePoint at;
  std::uint64_t body_bytes;
  std::size_t arrives;  // of a request with 100 bytes of head and 50 of body
};

class NativeCutPoint : public testing::TestWithParam<std::tuple<CutCase, CutHow>> {
 public:
  static TestRequest request() {
    TestRequest request = post(std::string(50, 'b'));
    const std::size_t padding = 100 - request.head_bytes - std::string_view("Pad: \r\n").size();
    request.text.insert(request.head_bytes - 2, "Pad: " + std::string(padding, 'x') + "\r\n");
    request.head_bytes = 100;
    return request;
  }
};

TEST_P(NativeCutPoint, ServerSeesExactlyTheBytesAndTheEnd) {
  const auto& [point, how] = GetParam();
  const TestRequest request = this->request();
  ASSERT_EQ(request.text.size(), 150U);
  // Reads, never answers; the end of the connection is the client's.
  HostileServer server({HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const WireScript script = cut_at(point.at, how, point.body_bytes);
  const Exchange& exchange = rig.run(make_cut(rig, request, script));
  EXPECT_EQ(exchange.how, AttemptClass::kCut);
  EXPECT_TRUE(exchange.cut_fired);
  EXPECT_EQ(exchange.bytes_sent, point.arrives);
  EXPECT_EQ(exchange.request_sent != TimePoint{}, point.arrives == 150);
  EXPECT_EQ(exchange.first_byte_sent != TimePoint{}, point.arrives > 0);
  EXPECT_EQ(exchange.status, 0);
  EXPECT_EQ(rig.engine().connections(), 0U);
  const bool fin = how == CutHow::kFin;
  EXPECT_TRUE(server.wait_until(
      [&] { return (fin ? server.client_fins() : server.client_resets()) == 1; }));
  EXPECT_EQ(fin ? server.client_resets() : server.client_fins(), 0U);
  EXPECT_EQ(server.received_from(0), request.text.substr(0, point.arrives));
}

INSTANTIATE_TEST_SUITE_P(
    All, NativeCutPoint,
    testing::Combine(testing::Values(CutCase{"connect", WirePoint::kConnect, 0, 0},
                                     CutCase{"headers", WirePoint::kHeaders, 0, 100},
                                     CutCase{"body0", WirePoint::kBody, 0, 100},
                                     CutCase{"body1", WirePoint::kBody, 1, 101},
                                     CutCase{"body49", WirePoint::kBody, 49, 149},
                                     CutCase{"body_all", WirePoint::kBody, 5000, 150},
                                     CutCase{"before_last_byte", WirePoint::kBeforeLastByte, 0,
                                             149},
                                     CutCase{"after_send", WirePoint::kAfterSend, 0, 150}),
                     testing::Values(CutHow::kFin, CutHow::kRst)),
    [](const auto& param_info) {
      return std::string(std::get<0>(param_info.param).name) +
             (std::get<1>(param_info.param) == CutHow::kFin ? "_fin" : "_rst");
    });

TEST(NativeCut, WithinALargeBodyIsExactToo) {
  HostileServer server({HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const TestRequest request = post(std::string(8'000'000, 'b'));
  const WireScript script = cut_at(WirePoint::kBody, CutHow::kRst, 7'654'321);
  const Exchange& exchange = rig.run(make_cut(rig, request, script));
  EXPECT_EQ(exchange.how, AttemptClass::kCut) << exchange.detail;
  EXPECT_EQ(exchange.bytes_sent, request.head_bytes + 7'654'321);
  EXPECT_TRUE(server.wait_until([&] { return server.client_resets() == 1; }));
  EXPECT_EQ(server.bytes_received(), exchange.bytes_sent);
}

TEST(NativeCut, AtConnectTakesANewConnection) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(plan_for({server.port()}));
  rig.run(get());
  const WireScript script = cut_at(WirePoint::kConnect, CutHow::kFin);
  const Exchange& exchange = rig.run(make_cut(rig, get(), script));
  EXPECT_EQ(exchange.how, AttemptClass::kCut);
  EXPECT_EQ(exchange.connection_id, 2U);
  EXPECT_EQ(rig.engine().connections(), 1U);
}

TEST(NativeCut, AfterSendServerHasTheWholeRequestAndItsAnswerIsNeverRead) {
  // Answers as fast as it can, again and again on warm connections: the cut must not lose the race.
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(plan_for({server.port()}));
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kRst);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
    const Exchange& exchange = rig.run(make_cut(rig, post("pay"), script));
    ASSERT_EQ(exchange.how, AttemptClass::kCut) << exchange.detail;
    ASSERT_TRUE(exchange.cut_fired);
    ASSERT_EQ(exchange.status, 0);
  }
  const std::size_t sent = 100 * (get().text.size() + post("pay").text.size());
  EXPECT_TRUE(server.wait_until([&] { return server.bytes_received() == sent; }));
  EXPECT_TRUE(server.wait_until([&] { return server.client_resets() == 100; }));
}

TEST(NativeCut, AfterSendWaitsUntilThePeerHasTakenEverything) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  const TestRequest request = post(std::string(1'000'000, 'b'));
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kFin);
  Exchange& exchange = rig.submit(make_cut(rig, request, script));
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) > 0; }));
  EXPECT_FALSE(rig.run_until([&] { return rig.engine().in_flight() == 0; }, 50ms));
  std::string arrived;
  ASSERT_TRUE(rig.run_until([&] {
    arrived += peer.read(0).bytes;
    return rig.engine().in_flight() == 0;
  }));
  EXPECT_EQ(exchange.how, AttemptClass::kCut) << exchange.detail;
  RawPeer::Read rest;
  ASSERT_TRUE(rig.run_until([&] {
    rest = peer.read(0);
    arrived += rest.bytes;
    return rest.end != RawPeer::End::kNone;
  }));
  EXPECT_EQ(rest.end, RawPeer::End::kFin);
  EXPECT_EQ(arrived, request.text);
}

TEST(NativeCut, AfterSendDoesNotFireWhenThePeerDoesNotTakeTheRequest) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  // More than the peer's buffer and less than the kernel's own: sent, never delivered.
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kRst);
  Exchange& exchange = make_cut(rig, post(std::string(200'000, 'b')), script);
  exchange.timeout = 1500ms;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_FALSE(exchange.cut_fired);
  EXPECT_THAT(exchange.detail, HasSubstr("no cut: the peer did not take the whole request"));
}

TEST(NativeCut, AnswerThatCompletesBeforeDeliveryIsAnAnswer) {
  RawPeer peer;
  Rig rig(plan_for({peer.port()}));
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kRst);
  Exchange& exchange = rig.submit(make_cut(rig, post(std::string(200'000, 'b')), script));
  ASSERT_TRUE(rig.run_until([&] { return peer.accept_waiting() == 1 && peer.unread(0) > 0; }));
  peer.send(0, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.status, 413);
  EXPECT_FALSE(exchange.cut_fired);
  EXPECT_EQ(exchange.detail, "no cut: the answer was complete before it");
}

TEST(NativeCut, DelayIsWaitedAtThePointAndTheAnswerThrownAway) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kFin, 0, 60ms);
  const Exchange& exchange = rig.run(make_cut(rig, post("pay"), script));
  EXPECT_EQ(exchange.how, AttemptClass::kCut);
  EXPECT_TRUE(exchange.cut_fired);
  EXPECT_EQ(exchange.status, 0);
  EXPECT_GE(exchange.end - exchange.request_sent, 60ms);
  EXPECT_TRUE(server.wait_until([&] { return server.client_fins() == 1; }));
}

TEST(NativeCut, DelayIsWaitedEvenWhenThePeerHangsUp) {
  HostileServer server({HostileServer::read_request(), HostileServer::close_fin()});
  Rig rig(plan_for({server.port()}));
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kRst, 0, 40ms);
  const Exchange& exchange = rig.run(make_cut(rig, post("pay"), script));
  EXPECT_EQ(exchange.how, AttemptClass::kCut);
  EXPECT_GE(exchange.end - exchange.request_sent, 40ms);
}

TEST(NativeCut, PeerThatResetsDuringTheDelayWins) {
  HostileServer server({HostileServer::read_request(), HostileServer::close_rst()});
  Rig rig(plan_for({server.port()}));
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kRst, 0, 2s);
  const Exchange& exchange = rig.run(make_cut(rig, post("pay"), script));
  EXPECT_EQ(exchange.how, AttemptClass::kReset);
  EXPECT_FALSE(exchange.cut_fired);
}

TEST(NativeCut, DuringTheResponse) {
  for (const CutHow how : {CutHow::kFin, CutHow::kRst}) {
    HostileServer server({HostileServer::read_request(), HostileServer::send_large(50'000'000),
                          HostileServer::stall()});
    Rig rig(plan_for({server.port()}));
    const WireScript script = cut_at(WirePoint::kDuringResponse, how);
    const Exchange& exchange = rig.run(make_cut(rig, post("pay"), script));
    EXPECT_EQ(exchange.how, AttemptClass::kCut);
    EXPECT_TRUE(exchange.cut_fired);
    EXPECT_GT(exchange.bytes_received, 0U);
    EXPECT_LT(exchange.bytes_received, 50'000'000U);
    EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  }
}

TEST(NativeCut, DuringAResponseThatComesInOnePiece) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("tiny")),
                        HostileServer::stall()});
  Rig rig(plan_for({server.port()}));
  const WireScript script = cut_at(WirePoint::kDuringResponse, CutHow::kFin, 0, 20ms);
  const Exchange& exchange = rig.run(make_cut(rig, post("pay"), script));
  EXPECT_EQ(exchange.how, AttemptClass::kCut);
  EXPECT_EQ(exchange.status, 0);
  EXPECT_TRUE(server.wait_until([&] { return server.client_fins() == 1; }));
}

TEST(NativeCut, OnlyForTheCopyItIsMeantFor) {
  HostileServer server(
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(plan_for({server.port()}));
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kRst);
  Exchange& exchange = make_cut(rig, post("pay"), script);
  exchange.cut_applies = false;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess);
  EXPECT_EQ(exchange.detail, "");
}

TEST(NativeCut, OfARequestThatWasRefusedDidNotFire) {
  const squall::test::RefusedPort refused;
  Rig rig(plan_for({refused.port()}));
  const WireScript script = cut_at(WirePoint::kAfterSend, CutHow::kRst);
  const Exchange& exchange = rig.run(make_cut(rig, post("pay"), script));
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_FALSE(exchange.cut_fired);
}

}  // namespace
}  // namespace squall::engine::test
