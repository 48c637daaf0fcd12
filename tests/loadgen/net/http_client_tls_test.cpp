// Certificates are verified: what squall sends may hold credentials, and what it reads decides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/net/http_client.hpp"
#include "tests/support/files.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/tls_server.hpp"
#include "tests/tls/identity.hpp"

namespace squall::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(HttpClientTls, RefusesACertificateThatNobodyVouchesForAndSaysSo) {
  const test::TlsServer server;
  ASSERT_EQ(test::fetch_unverified(server), "secret") << "the server works";
  ASSERT_EQ(server.requests(), 1U);
  ClientRequest request;
  request.url = server.url("/ledger?token=t0psecret");
  request.headers = {{"Authorization", "Bearer t0psecret"}};
  const auto response = send(request);
  ASSERT_FALSE(response.has_value()) << response->body;
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(response.error().message,
              AllOf(HasSubstr("GET " + server.url("/ledger")), HasSubstr("certificate"),
                    Not(HasSubstr("t0psecret"))));
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_EQ(server.requests(), 1U) << "the request was sent all the same";
}

TEST(HttpClientTls, SpeaksByItsSettings) {
  const test::TestDirectory directory;
  const test::TlsServer server;
  ClientRequest request;
  request.url = server.url("/x");
  const auto body = [&](const TlsSettings& tls) {
    request.tls = tls;
    const auto response = send(request);
    return response ? response->body : "failed: " + response.error().message;
  };
  const std::string ca = directory.write("ca.pem", server.identity().certificate_pem);
  EXPECT_EQ(body({.ca_file = ca}), "secret");
  EXPECT_EQ(body({.ca_file = ca, .pinned_key = server.identity().pin()}), "secret");
  EXPECT_EQ(body({.ca_file = ca, .min_version = TlsVersion::k13}), "secret");
  EXPECT_EQ(body({.insecure = true}), "secret");
  EXPECT_EQ(body({.ca_file = ca, .server_name = "localhost"}), "secret");
  const unsigned answered = server.requests();
  EXPECT_THAT(body({.ca_file = ca, .server_name = "other.example"}), HasSubstr("failed: "));
  const std::string other = test::make_self_signed({}).pin();
  EXPECT_THAT(body({.ca_file = ca, .pinned_key = other}), HasSubstr("failed: "));
  EXPECT_THAT(body({.pinned_key = other, .insecure = true}), HasSubstr("failed: "));
  EXPECT_THAT(
      body({.ca_file = directory.write("other.pem", test::make_self_signed({}).certificate_pem)}),
      HasSubstr("failed: "));
  EXPECT_EQ(server.requests(), answered);
}

// The name is for TLS; the request stays what it was.
TEST(HttpClientTls, AServerNameDoesNotChangeTheHost) {
  const test::Identity identity = test::make_self_signed({.hosts = {"shop.example"}});
  const test::TestDirectory directory;
  test::HostileServer server(
      {.identity = identity},
      {test::HostileServer::read_request(), test::HostileServer::send(test::ok_answer("hi")),
       test::HostileServer::close_fin()});
  ClientRequest request;
  request.url = server.url("/a?b=c");
  request.tls = {.ca_file = directory.write("ca.pem", identity.certificate_pem),
                 .server_name = "shop.example"};
  const auto response = send(request);
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->body, "hi");
  EXPECT_EQ(server.server_name(), "shop.example");
  EXPECT_THAT(server.request_texts().at(0),
              AllOf(HasSubstr("GET /a?b=c HTTP/1.1\r\n"),
                    HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n")));
}

TEST(HttpClientTls, DoesNotFallBackToPlainHttp) {
  const test::TlsServer server;
  ClientRequest request;
  request.url = "http" + server.url().substr(5);
  EXPECT_FALSE(send(request).has_value());
  EXPECT_EQ(server.requests(), 0U);
}

}  // namespace
}  // namespace squall::net
