// Whom a TLS stream talks to, whom it does not, and what it says then.
#include "tests/loadgen/net/tls_peer.hpp"

#include <gmock/gmock.h>

namespace squall::net::test {
namespace {

using testing::HasSubstr;

TEST_F(TlsStreamTest, ACertificateThatNobodyVouchesForIsRefusedWithARemedy) {
  const Identity alone = make_self_signed({});
  HostileServer server({.identity = alone}, {HostileServer::stall()});
  EXPECT_EQ(refusal(server.port()),
            "certificate verify failed: self-signed certificate (name its CA with tls.ca, or write "
            "tls.insecure = true; for squall hit: --cacert, -k)");
  // The peer was told why.
  ASSERT_TRUE(server.wait_until([&] { return server.tls_failures() == 1; }));
  EXPECT_EQ(server.handshakes(), 0U);
  use({.ca_file = file("alone.pem", alone.certificate_pem)});
  TlsPeer peer(loop_);
  EXPECT_TRUE(connect(peer, server.port())) << peer.problem;
}

TEST_F(TlsStreamTest, TheSystemsAuthoritiesKnowNothingOfOurs) {
  use({});
  HostileServer server(server_options(), {HostileServer::stall()});
  EXPECT_THAT(refusal(server.port()), HasSubstr("certificate verify failed: unable to get local "
                                                "issuer certificate (name its CA with tls.ca"));
}

TEST_F(TlsStreamTest, InsecureTakesAnyCertificate) {
  use({.insecure = true});
  HostileServer server(
      {.identity = make_self_signed({.hosts = {"other.example"}, .to = -std::chrono::minutes(30)})},
      {HostileServer::stall()});
  TlsPeer peer(loop_);
  EXPECT_TRUE(connect(peer, server.port())) << peer.problem;
}

TEST_F(TlsStreamTest, ACertificateOfAnotherHostIsRefused) {
  HostileServer server({.identity = authority_.issue({.hosts = {"other.example"}})},
                       {HostileServer::stall()});
  EXPECT_EQ(refusal(server.port()),
            "certificate verify failed: IP address mismatch (the certificate is for another host; "
            "name that with tls.server_name)");
  use({.ca_file = file("ca.pem", authority_.certificate_pem)}, "shop.example");
  EXPECT_THAT(refusal(server.port()), HasSubstr("hostname mismatch"));
  use({.ca_file = file("ca.pem", authority_.certificate_pem), .server_name = "other.example"});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  ASSERT_TRUE(server.wait_until([&] { return server.handshakes() == 1; }));
  EXPECT_EQ(server.server_name(), "other.example");
}

TEST_F(TlsStreamTest, AnAddressIsNotAskedForByName) {
  HostileServer server(server_options(), {HostileServer::stall()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  ASSERT_TRUE(server.wait_until([&] { return server.handshakes() == 1; }));
  EXPECT_EQ(server.server_name(), "");
}

TEST_F(TlsStreamTest, CertificatesHoldForATime) {
  const auto hour = std::chrono::hours(1);
  HostileServer past({.identity = authority_.issue({.from = -2 * hour, .to = -hour})},
                     {HostileServer::stall()});
  EXPECT_THAT(refusal(past.port()), HasSubstr("certificate has expired"));
  HostileServer future({.identity = authority_.issue({.from = hour, .to = 2 * hour})},
                       {HostileServer::stall()});
  EXPECT_THAT(refusal(future.port()), HasSubstr("certificate is not yet valid"));
}

TEST_F(TlsStreamTest, APinIsAskedForBesideTheCertificate) {
  const std::string ca = file("ca.pem", authority_.certificate_pem);
  HostileServer server(server_options(), {HostileServer::stall()});
  for (const std::string& pins :
       {server_identity_.pin(), authority_.pin() + ";" + server_identity_.pin()}) {
    use({.ca_file = ca, .pinned_key = pins});
    TlsPeer peer(loop_);
    EXPECT_TRUE(connect(peer, server.port())) << peer.problem;
  }
  use({.ca_file = ca, .pinned_key = authority_.pin()});
  EXPECT_EQ(refusal(server.port()), "the peer's public key is " + server_identity_.pin() +
                                        ", which tls.pinned_key does not name");
  // Nor is it by way of an earlier session.
  EXPECT_THAT(refusal(server.port()), HasSubstr("tls.pinned_key does not name"));
  use({.pinned_key = authority_.pin(), .insecure = true});
  EXPECT_THAT(refusal(server.port()), HasSubstr("tls.pinned_key does not name"));
  use({.pinned_key = server_identity_.pin()});
  EXPECT_THAT(refusal(server.port()), HasSubstr("certificate verify failed"));
}

TEST_F(TlsStreamTest, OldVersionsAreNotSpoken) {
  HostileServer server({.identity = server_identity_, .only_12 = true}, {HostileServer::stall()});
  TlsPeer peer(loop_);
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  EXPECT_EQ(client_->take_counters().suites.at(0).version, "TLSv1.2");
  peer.stream->close_fin();
  use({.ca_file = file("ca.pem", authority_.certificate_pem), .min_version = TlsVersion::k13});
  EXPECT_THAT(refusal(server.port()),
              HasSubstr("does not speak the versions from tls.min_version on"));
}

TEST_F(TlsStreamTest, SaysWhoItIsWhenAsked) {
  const Identity client_authority = make_authority({.name = "clients"});
  const Identity me = client_authority.issue({.name = "squall"});
  const TlsServerOptions asking{.identity = server_identity_,
                                .client_authority_pem = client_authority.certificate_pem};
  HostileServer server(asking, {HostileServer::read_bytes(1), HostileServer::send("welcome"),
                                HostileServer::stall()});
  TlsPeer peer(loop_);
  use({.ca_file = file("ca.pem", authority_.certificate_pem),
       .certificate_file = file("me.pem", me.certificate_pem),
       .key_file = file("me-key.pem", me.key_pem)});
  ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
  peer.stream->write("x");
  ASSERT_TRUE(run_until(loop_, [&] { return peer.received == "welcome"; }));
}

// In TLS 1.3 the client has shaken hands before the server looks at its certificate.
TEST_F(TlsStreamTest, IsToldThatTheServerAsksWhoItIs) {
  for (const bool only_12 : {true, false}) {
    HostileServer server({.identity = server_identity_,
                          .client_authority_pem = authority_.certificate_pem,
                          .only_12 = only_12},
                         {HostileServer::stall()});
    TlsPeer peer(loop_);
    ASSERT_EQ(peer.stream->connect(loopback(server.port()), client_.get()), 0);
    ASSERT_TRUE(run_until(loop_, [&] { return !peer.failures.empty(); }));
    EXPECT_EQ(peer.failures.front().first,
              only_12 ? TcpEvents::Side::kConnect : TcpEvents::Side::kRead);
    EXPECT_EQ(peer.connected, !only_12);
    if (!only_12) {
      EXPECT_EQ(peer.problem,
                "the peer refused: tlsv13 alert certificate required (the peer asks who squall is; "
                "say so with tls.certificate and tls.key; for squall hit: --cert, --key)");
    }
  }
}

TEST_F(TlsStreamTest, APeerWithoutTlsIsToldApart) {
  HostileServer server(HostileServer::Script{
      HostileServer::send("HTTP/1.1 400 Bad Request\r\n\r\n"), HostileServer::stall()});
  EXPECT_THAT(refusal(server.port()), HasSubstr("the peer does not speak TLS"));
}

TEST_F(TlsStreamTest, GarbageIsRefused) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    HostileServer server(
        HostileServer::Script{HostileServer::send_garbage(2000, seed), HostileServer::close_fin()});
    EXPECT_FALSE(refusal(server.port()).empty()) << seed;
  }
}

TEST_F(TlsStreamTest, APeerThatStopsWithinTheHandshake) {
  HostileServer ends(
      HostileServer::Script{HostileServer::read_bytes(20), HostileServer::close_fin()});
  EXPECT_EQ(refusal(ends.port()), "the peer closed the connection within the TLS handshake");
  HostileServer breaks(
      HostileServer::Script{HostileServer::read_bytes(20), HostileServer::close_rst()});
  EXPECT_EQ(refusal(breaks.port()), "the connection broke within the TLS handshake");
  HostileServer silent(HostileServer::Script{HostileServer::stall()});
  TlsPeer peer(loop_);
  ASSERT_EQ(peer.stream->connect(loopback(silent.port()), client_.get()), 0);
  ASSERT_TRUE(run_until(loop_, [&] { return peer.stream->handshaking(); }));
  EXPECT_FALSE(peer.stream->is_connected());
  peer.stream->close_fin();
  EXPECT_FALSE(peer.connected);
  ASSERT_TRUE(silent.wait_until([&] { return silent.open_connections() == 0; }));
}

TEST_F(TlsStreamTest, SessionsAreResumed) {
  for (const bool only_12 : {false, true}) {
    use({.ca_file = file("ca.pem", authority_.certificate_pem)});
    HostileServer server(
        {.identity = server_identity_, .only_12 = only_12},
        {HostileServer::read_bytes(1), HostileServer::send("y"), HostileServer::stall()});
    for (int i = 0; i < 4; ++i) {
      TlsPeer peer(loop_);
      ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
      peer.stream->write("x");
      ASSERT_TRUE(run_until(loop_, [&] { return peer.received == "y"; }));
      // A connection that is torn does not spoil its session.
      if (i % 2 == 0) {
        peer.stream->close_reset();
      }
    }
    EXPECT_EQ(client_->take_counters().resumed, 3U);
    ASSERT_TRUE(server.wait_until([&] { return server.handshakes() == 4; }));
    EXPECT_EQ(server.resumptions(), 3U);
  }
}

TEST_F(TlsStreamTest, SessionsAreNotResumedWhenThePlanSaysSo) {
  for (const bool only_12 : {false, true}) {
    use({.ca_file = file("ca.pem", authority_.certificate_pem), .resumption = false});
    HostileServer server(
        {.identity = server_identity_, .only_12 = only_12},
        {HostileServer::read_bytes(1), HostileServer::send("y"), HostileServer::stall()});
    for (int i = 0; i < 3; ++i) {
      TlsPeer peer(loop_);
      ASSERT_TRUE(connect(peer, server.port())) << peer.problem;
      peer.stream->write("x");
      ASSERT_TRUE(run_until(loop_, [&] { return peer.received == "y"; }));
    }
    EXPECT_EQ(client_->take_counters().resumed, 0U);
    ASSERT_TRUE(server.wait_until([&] { return server.handshakes() == 3; }));
    EXPECT_EQ(server.resumptions(), 0U);
  }
}

TEST_F(TlsStreamTest, FilesThatOpenSslDoesNotTakeAreNamed) {
  const Identity other = make_self_signed({});
  const std::string certificate = file("me.pem", server_identity_.certificate_pem);
  const auto problem = [](const TlsSettings& settings) {
    const auto made = TlsContext::make(settings);
    return made ? std::string() : made.error().message;
  };
  EXPECT_THAT(problem({.ca_file = "/nonexistent/ca.pem"}),
              HasSubstr("tls.ca /nonexistent/ca.pem: No such file"));
  EXPECT_THAT(problem({.ca_file = file("empty.pem", "")}), HasSubstr("tls.ca "));
  EXPECT_THAT(
      problem({.certificate_file = certificate, .key_file = file("other.pem", other.key_pem)}),
      HasSubstr("key values mismatch"));
  EXPECT_THAT(problem({.certificate_file = file("broken.pem", "-----BEGIN CERTIFICATE-----\nx\n"),
                       .key_file = certificate}),
              HasSubstr("tls.certificate "));
  EXPECT_THAT(problem({.pinned_key = "sha256//x"}), HasSubstr("tls.pinned_key"));
}

}  // namespace
}  // namespace squall::net::test
