// Client faults over TLS, as the server sees them under it: how many bytes came, and how the
// connection ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/native/native_tls_rig.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using model::CutHow;
using model::WireCut;
using model::WirePoint;
using model::WireScript;
using squall::test::HostileServer;
using squall::test::ok_answer;

struct TlsCutCase {
  const char* name;
  WirePoint at;
  std::uint64_t body_bytes;
  std::size_t arrives;  // of a request with 50 bytes of body, counted from the end of its head
  bool head = true;
};

class NativeTlsCut : public NativeTls,
                     public testing::WithParamInterface<std::tuple<TlsCutCase, CutHow>> {};

TEST_P(NativeTlsCut, ServerSeesExactlyTheBytesAndTheEnd) {
  const auto& [point, how] = GetParam();
  const TestRequest request = post(std::string(50, 'b'));
  const std::size_t arrives = point.head ? request.head_bytes + point.arrives : 0;
  // Without tickets: OpenSSL takes no notice of a reset that it meets while it writes them.
  HostileServer server({.identity = identity_, .resumption = false}, {HostileServer::stall()});
  Rig rig(tls_plan(server.port()));
  WireScript script;
  script.cut = WireCut{.at = point.at, .how = how, .body_bytes = point.body_bytes};
  script.fault_count = 1;
  Exchange& exchange = rig.make(request);
  exchange.script = &script;
  exchange.cut_applies = true;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kCut) << exchange.detail;
  EXPECT_TRUE(exchange.cut_fired);
  EXPECT_EQ(exchange.bytes_sent, arrives);
  EXPECT_EQ(exchange.request_sent != TimePoint{}, arrives == request.text.size());
  EXPECT_EQ(rig.engine().connections(), 0U);
  const bool fin = how == CutHow::kFin;
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  EXPECT_EQ(server.client_fins(), fin ? 1U : 0U);
  EXPECT_EQ(server.close_notifies(), fin ? 1U : 0U);
  EXPECT_EQ(server.received_from(0), request.text.substr(0, arrives));
  if (fin) {
    EXPECT_EQ(server.handshakes(), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, NativeTlsCut,
    testing::Combine(testing::Values(TlsCutCase{"connect", WirePoint::kConnect, 0, 0, false},
                                     TlsCutCase{"headers", WirePoint::kHeaders, 0, 0},
                                     TlsCutCase{"body1", WirePoint::kBody, 1, 1},
                                     TlsCutCase{"body49", WirePoint::kBody, 49, 49},
                                     TlsCutCase{"before_last_byte", WirePoint::kBeforeLastByte, 0,
                                                49},
                                     TlsCutCase{"after_send", WirePoint::kAfterSend, 0, 50}),
                     testing::Values(CutHow::kFin, CutHow::kRst)),
    [](const auto& param_info) {
      return std::string(std::get<0>(param_info.param).name) +
             (std::get<1>(param_info.param) == CutHow::kFin ? "_fin" : "_rst");
    });

class NativeTlsFault : public NativeTls {};

TEST_F(NativeTlsFault, ACutWithinALargeBodyIsExactToo) {
  HostileServer server(server_options(), {HostileServer::stall()});
  Rig rig(tls_plan(server.port()));
  WireScript script;
  script.cut = WireCut{.at = WirePoint::kBody, .how = CutHow::kRst, .body_bytes = 7'654'321};
  script.fault_count = 1;
  const TestRequest request = post(std::string(8'000'000, 'b'));
  Exchange& exchange = rig.make(request);
  exchange.script = &script;
  exchange.cut_applies = true;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kCut) << exchange.detail;
  EXPECT_EQ(exchange.bytes_sent, request.head_bytes + 7'654'321);
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  EXPECT_EQ(server.bytes_received(), exchange.bytes_sent);
}

TEST_F(NativeTlsFault, AfterSendServerHasTheWholeRequestAndItsAnswerIsNeverRead) {
  HostileServer server(
      server_options(),
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(tls_plan(server.port()));
  WireScript script;
  script.cut = WireCut{.at = WirePoint::kAfterSend, .how = CutHow::kRst};
  script.fault_count = 1;
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
    Exchange& exchange = rig.make(post("pay"));
    exchange.script = &script;
    exchange.cut_applies = true;
    rig.run(exchange);
    ASSERT_EQ(exchange.how, AttemptClass::kCut) << exchange.detail;
    ASSERT_EQ(exchange.status, 0);
  }
  EXPECT_TRUE(server.wait_until([&] { return server.requests() == 100; }));
}

TEST_F(NativeTlsFault, DuringResponseCutsWithTheFirstBytes) {
  HostileServer server(server_options(),
                       {HostileServer::read_request(), HostileServer::send("HTTP/1.1 200 OK\r\n"),
                        HostileServer::stall()});
  Rig rig(tls_plan(server.port()));
  WireScript script;
  script.cut = WireCut{.at = WirePoint::kDuringResponse, .how = CutHow::kFin};
  script.fault_count = 1;
  Exchange& exchange = rig.make(get());
  exchange.script = &script;
  exchange.cut_applies = true;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kCut) << exchange.detail;
  EXPECT_GT(exchange.bytes_received, 0U);
  EXPECT_TRUE(server.wait_until([&] { return server.close_notifies() == 1; }));
}

TEST_F(NativeTlsFault, HoldsKeepBackTheRestOfTheRequest) {
  HostileServer server(
      server_options(),
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(tls_plan(server.port()));
  const TestRequest request = post("0123456789");
  for (const auto& [point, before] :
       {std::pair{WirePoint::kSend, std::size_t{0}},
        std::pair{WirePoint::kHeaders, request.head_bytes},
        std::pair{WirePoint::kBeforeLastByte, request.text.size() - 1}}) {
    const std::uint64_t earlier = server.bytes_received();
    WireScript script;
    script.hold[static_cast<std::size_t>(point)] = 300ms;
    script.fault_count = 1;
    Exchange& exchange = rig.make(request);
    exchange.script = &script;
    rig.submit(exchange);
    ASSERT_TRUE(rig.run_until([&] { return server.bytes_received() >= earlier + before; }));
    EXPECT_EQ(server.bytes_received(), earlier + before);
    ASSERT_TRUE(rig.run_all());
    EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
    EXPECT_TRUE(exchange.hold_fired);
    EXPECT_GE(exchange.end - exchange.taken_up, 300ms);
  }
}

// An answer that ends with its connection: the close_notify comes with the last bytes, at which the
// slow reader rests.
TEST_F(NativeTlsFault, ASlowReaderSeesThatTheAnswerEndedInOrder) {
  HostileServer server(server_options(),
                       {HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 200 OK\r\n\r\n" + std::string(95, 'b')),
                        HostileServer::close_fin()});
  Rig rig(tls_plan(server.port()));
  WireScript script;
  script.slow_read = model::WireSlowRead{1000, 4096};
  script.fault_count = 1;
  Exchange& exchange = rig.make(get());
  exchange.script = &script;
  rig.run(exchange);
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.body_bytes, 95U);
  EXPECT_TRUE(exchange.slow_read_fired);
}

TEST_F(NativeTlsFault, TheBarrierHoldsBackTheLastRecord) {
  constexpr unsigned kCopies = 10;
  HostileServer server(
      server_options(),
      {HostileServer::read_request(), HostileServer::send(ok_answer("x")), HostileServer::again()});
  Rig rig(tls_plan(server.port()), kCopies);
  const TestRequest request = post("0123456789");
  const std::size_t nearly = request.text.size() - 1;
  for (int round = 0; round < 5; ++round) {
    const std::uint64_t earlier = server.bytes_received();
    const unsigned requests = server.requests();
    Barrier barrier;
    barrier.expected = kCopies;
    std::vector<Exchange*> copies;
    for (unsigned i = 0; i + 1 < kCopies; ++i) {
      Exchange& exchange = rig.make(request);
      exchange.barrier = &barrier;
      copies.push_back(&rig.submit(exchange));
    }
    // All but one are there: every byte but the last of each has come, and no request is whole.
    ASSERT_TRUE(
        rig.run_until([&] { return server.bytes_received() == earlier + (kCopies - 1) * nearly; }));
    ASSERT_TRUE(rig.run_until([&] { return barrier.arrived == kCopies - 1; }));
    EXPECT_EQ(server.requests(), requests);
    EXPECT_FALSE(barrier.released);
    Exchange& last = rig.make(request);
    last.barrier = &barrier;
    copies.push_back(&rig.submit(last));
    ASSERT_TRUE(rig.run_all());
    EXPECT_TRUE(barrier.released);
    for (const Exchange* copy : copies) {
      EXPECT_EQ(copy->how, AttemptClass::kSuccess) << copy->detail;
      EXPECT_TRUE(copy->copy_fired);
    }
  }
}

}  // namespace
}  // namespace squall::engine::test
