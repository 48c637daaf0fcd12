// Certificates are verified: what squall sends may hold credentials, and what it reads decides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/net/http_client.hpp"
#include "tests/support/tls_server.hpp"

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

TEST(HttpClientTls, DoesNotFallBackToPlainHttp) {
  const test::TlsServer server;
  ClientRequest request;
  request.url = "http" + server.url().substr(5);
  EXPECT_FALSE(send(request).has_value());
  EXPECT_EQ(server.requests(), 0U);
}

}  // namespace
}  // namespace squall::net
