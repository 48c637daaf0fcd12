// Exchanges over TLS: handshakes, ends and idle connections, as over TCP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/native/native_tls_rig.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;
using squall::test::HostileServer;
using squall::test::ok_answer;
using testing::AnyOf;
using testing::HasSubstr;

TEST_F(NativeTls, AnswersAreReadAndConnectionsKept) {
  HostileServer server(server_options(), polite());
  Rig rig(tls_plan(server.port()));
  for (int i = 0; i < 20; ++i) {
    Exchange& exchange = rig.make(post("pay"));
    exchange.keep_body = true;
    rig.run(exchange);
    ASSERT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
    EXPECT_EQ(exchange.body, "x");
    EXPECT_EQ(exchange.bytes_sent, exchange.request.size());
    EXPECT_EQ(exchange.bytes_received, ok_answer("x").size());
    EXPECT_EQ(exchange.connection_id, 1U);
    EXPECT_GE(exchange.first_byte_sent, exchange.taken_up);
  }
  EXPECT_EQ(server.bytes_received(), 20 * post("pay").text.size());
  const EngineCounters counters = rig.engine().take_counters();
  EXPECT_EQ(counters.bytes_sent, server.bytes_received());
  EXPECT_EQ(counters.connections_opened, 1U);
  EXPECT_EQ(counters.unsolicited_bytes, 0U);
  ASSERT_EQ(counters.tls.size(), 1U);
  EXPECT_EQ(counters.tls[0].handshakes, 1U);
  ASSERT_EQ(counters.tls[0].suites.size(), 1U);
  EXPECT_EQ(counters.tls[0].suites[0].version, "TLSv1.3");
  EXPECT_TRUE(rig.engine().take_counters().tls.empty());
}

TEST_F(NativeTls, LaterConnectionsResumeASession) {
  HostileServer server(server_options(), polite());
  Rig rig(tls_plan(server.port()));
  for (int i = 0; i < 5; ++i) {
    Exchange& exchange = rig.make(get());
    exchange.connection = model::CopyConnection::kFresh;
    ASSERT_EQ(rig.run(exchange).how, AttemptClass::kSuccess) << exchange.detail;
  }
  const EngineCounters counters = rig.engine().take_counters();
  ASSERT_EQ(counters.tls.size(), 1U);
  EXPECT_EQ(counters.tls[0].handshakes, 5U);
  EXPECT_EQ(counters.tls[0].resumed, 4U);
  EXPECT_TRUE(server.wait_until([&] { return server.resumptions() == 4; }));
}

TEST_F(NativeTls, AHandshakeThatFailsIsRefusedAndNothingWasSent) {
  HostileServer server({.identity = squall::test::make_self_signed({})}, polite());
  Rig rig(tls_plan(server.port()));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_EQ(exchange.bytes_sent, 0U);
  EXPECT_EQ(exchange.first_byte_sent, TimePoint{});
  EXPECT_THAT(exchange.detail, HasSubstr("certificate verify failed: self-signed certificate"));
  EXPECT_EQ(rig.engine().connections(), 0U);
  EXPECT_TRUE(rig.engine().take_counters().tls.empty());
  EXPECT_EQ(server.requests(), 0U);
}

TEST_F(NativeTls, InsecureIsWhatItSays) {
  HostileServer server({.identity = squall::test::make_self_signed({})}, polite());
  Rig rig(tls_plan(server.port(), {.insecure = true}));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
}

TEST_F(NativeTls, FilesThatCannotBeUsedAreTheReason) {
  Rig rig(tls_plan(9, {.ca_file = directory_.write("bad.pem", "no certificate")}));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_THAT(exchange.detail, HasSubstr("tls.ca "));
}

TEST_F(NativeTls, APeerWithoutTlsIsRefused) {
  HostileServer server(HostileServer::Script{
      HostileServer::send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), HostileServer::stall()});
  Rig rig(tls_plan(server.port()));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kRefused);
  EXPECT_THAT(exchange.detail, HasSubstr("the peer does not speak TLS"));
}

TEST_F(NativeTls, TheHandshakeHasTheConnectTimeout) {
  HostileServer server(HostileServer::Script{HostileServer::stall()});
  model::Plan plan = tls_plan(server.port());
  plan.targets[0].connect_timeout = 100ms;
  Rig rig(std::move(plan));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kTimeout);
  EXPECT_EQ(exchange.detail, "TLS handshake");
  EXPECT_EQ(exchange.bytes_sent, 0U);
  EXPECT_LT(exchange.end - exchange.taken_up, 2s);
}

// In TLS 1.3 the request has left when the server says no: nobody may call it unsent.
TEST_F(NativeTls, AServerThatAsksWhoWeAreResets) {
  HostileServer server({.identity = identity_, .client_authority_pem = authority_.certificate_pem},
                       polite());
  Rig rig(tls_plan(server.port()));
  const Exchange& exchange = rig.run(get());
  // The server resets what it has not read, and a reset may overtake its alert.
  EXPECT_THAT(exchange.how, AnyOf(AttemptClass::kReset, AttemptClass::kRefused));
  EXPECT_THAT(exchange.detail, AnyOf(HasSubstr("certificate required (the peer asks who squall is"),
                                     HasSubstr("ECONNRESET")));
  EXPECT_EQ(server.requests(), 0U);
  const squall::test::Identity me = authority_.issue({.name = "squall"});
  Rig known(
      tls_plan(server.port(), {.ca_file = ca_file_,
                               .certificate_file = directory_.write("me.pem", me.certificate_pem),
                               .key_file = directory_.write("me-key.pem", me.key_pem)}));
  EXPECT_EQ(known.run(get()).how, AttemptClass::kSuccess);
}

TEST_F(NativeTls, ABodyWithoutLengthIsWholeOnlyAfterACloseNotify) {
  const std::string answer = "HTTP/1.1 200 OK\r\n\r\nhalf of it";
  for (const bool bare : {false, true}) {
    HostileServer server(server_options(),
                         {HostileServer::read_request(), HostileServer::send(answer),
                          bare ? HostileServer::close_bare() : HostileServer::close_fin()});
    Rig rig(tls_plan(server.port()));
    const Exchange& exchange = rig.run(get());
    EXPECT_EQ(exchange.how, bare ? AttemptClass::kClosed : AttemptClass::kSuccess)
        << exchange.detail;
    if (bare) {
      EXPECT_EQ(exchange.detail, "closed within the answer, and without TLS's close_notify");
    }
  }
}

TEST_F(NativeTls, EndsWithoutAnAnswer) {
  HostileServer closes(server_options(),
                       {HostileServer::read_request(), HostileServer::close_fin()});
  HostileServer resets(server_options(),
                       {HostileServer::read_request(), HostileServer::close_rst()});
  HostileServer talks(server_options(),
                      {HostileServer::read_request(),
                       HostileServer::send_raw(std::string(100, '?')), HostileServer::stall()});
  Rig closed(tls_plan(closes.port()));
  EXPECT_EQ(closed.run(get()).how, AttemptClass::kClosed);
  Rig reset(tls_plan(resets.port()));
  EXPECT_EQ(reset.run(get()).how, AttemptClass::kReset);
  Rig garbage(tls_plan(talks.port()));
  const Exchange& exchange = garbage.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kReset);
  EXPECT_FALSE(exchange.detail.empty());
}

TEST_F(NativeTls, BytesBehindAnAnswerCloseTheConnection) {
  HostileServer server(server_options(),
                       {HostileServer::read_request(),
                        HostileServer::send(ok_answer("x") + "extra"), HostileServer::stall()});
  Rig rig(tls_plan(server.port()));
  EXPECT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  EXPECT_EQ(rig.engine().connections(), 0U);
  EXPECT_EQ(rig.engine().take_counters().unsolicited_bytes, 5U);
}

TEST_F(NativeTls, AnIdleConnectionThatThePeerEndedIsSeenBeforeUse) {
  HostileServer server(server_options(), [](unsigned connection) {
    return connection == 0
               ? HostileServer::Script{HostileServer::read_request(),
                                       HostileServer::send(ok_answer("x")),
                                       HostileServer::wait(10ms), HostileServer::close_fin()}
               : polite();
  });
  Rig rig(tls_plan(server.port()));
  ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  // The loop does not turn meanwhile.
  ASSERT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
  const Exchange& exchange = rig.run(get());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.connection_id, 2U);
  EXPECT_EQ(rig.engine().take_counters().closed_before_send, 1U);
}

TEST_F(NativeTls, WhatComesUnaskedOnAnIdleConnectionIsCounted) {
  HostileServer server(server_options(), [](unsigned connection) {
    return connection == 0
               ? HostileServer::Script{HostileServer::read_request(),
                                       HostileServer::send(ok_answer("x")),
                                       HostileServer::wait(10ms), HostileServer::send("unasked"),
                                       HostileServer::stall()}
               : polite();
  });
  Rig rig(tls_plan(server.port()));
  ASSERT_EQ(rig.run(get()).how, AttemptClass::kSuccess);
  ASSERT_TRUE(rig.run_until([&] { return rig.engine().connections() == 0; }));
  EXPECT_EQ(rig.engine().take_counters().unsolicited_bytes, 7U);
  EXPECT_EQ(rig.run(get()).connection_id, 2U);
}

TEST_F(NativeTls, LargeRequestsAndAnswersPassWhole) {
  const std::string body(3'000'000, 'b');
  HostileServer server(server_options(),
                       {HostileServer::read_request(), HostileServer::send_large(5'000'000),
                        HostileServer::again()});
  Rig rig(tls_plan(server.port()));
  for (int i = 0; i < 3; ++i) {
    const Exchange& exchange = rig.run(post(body));
    ASSERT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
    EXPECT_EQ(exchange.bytes_sent, exchange.request.size());
    EXPECT_GT(exchange.bytes_received, 5'000'000U);
  }
  EXPECT_EQ(server.requests(), 3U);
  EXPECT_EQ(server.request_texts().back(), post(body).text);
}

TEST_F(NativeTls, ManyConnectionsAtOnce) {
  HostileServer server(server_options(), polite());
  Rig rig(tls_plan(server.port()), 32);
  for (int i = 0; i < 2000; ++i) {
    rig.submit(get());
  }
  ASSERT_TRUE(rig.run_all(30s));
  for (const Exchange* exchange : rig.completed()) {
    ASSERT_EQ(exchange->how, AttemptClass::kSuccess) << exchange->detail;
  }
  EXPECT_EQ(server.requests(), 2000U);
  EXPECT_EQ(server.handshakes(), 32U);
}

}  // namespace
}  // namespace squall::engine::test
