#include "loadgen/model/endpoint.hpp"

#include <gtest/gtest.h>

namespace squall::model {
namespace {

TEST(Endpoint, ReadsHostPortAndPath) {
  const auto endpoint = parse_endpoint("http://Shop.Example:8080/api/v1/");
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_EQ(endpoint->scheme, "http");
  EXPECT_EQ(endpoint->host, "shop.example");
  EXPECT_EQ(endpoint->port, 8080);
  EXPECT_EQ(endpoint->base_path, "/api/v1");
  EXPECT_EQ(endpoint->authority(), "shop.example:8080");
  EXPECT_EQ(endpoint->url(), "http://shop.example:8080/api/v1");
}

TEST(Endpoint, LeavesTheDefaultPortOut) {
  for (const char* url :
       {"http://shop.example", "http://shop.example/", "http://shop.example:80"}) {
    const auto endpoint = parse_endpoint(url);
    ASSERT_TRUE(endpoint.has_value()) << url;
    EXPECT_EQ(endpoint->port, 80);
    EXPECT_EQ(endpoint->authority(), "shop.example");
    EXPECT_EQ(endpoint->base_path, "");
  }
}

TEST(Endpoint, PutsBracketsAroundIpv6) {
  const auto endpoint = parse_endpoint("HTTP://[::1]:9000");
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_EQ(endpoint->host, "::1");
  EXPECT_EQ(endpoint->authority(), "[::1]:9000");
  EXPECT_EQ(parse_endpoint("http://[::1]")->authority(), "[::1]");
}

TEST(Endpoint, RefusesWhatIsNoHttpAddress) {
  for (const char* url :
       {"", "127.0.0.1:8080", "http://", "http:///path", "ftp://x", "http://x:0", "http://x:65536",
        "http://x:8a", "http://x:", "http://[::1", "http://[::g]", "http://::1", "http://a b",
        "http://x/a b", "http://x/a\r\nHost: y", "http://x?query", "http://x/#fragment", "://x"}) {
    const auto endpoint = parse_endpoint(url);
    ASSERT_FALSE(endpoint.has_value()) << url;
    EXPECT_EQ(endpoint.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Endpoint, HttpsHasAPortOfItsOwn) {
  const auto endpoint = parse_endpoint("HTTPS://Shop.Example/api");
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_TRUE(endpoint->is_tls());
  EXPECT_EQ(endpoint->port, 443);
  EXPECT_EQ(endpoint->authority(), "shop.example");
  EXPECT_EQ(endpoint->url(), "https://shop.example/api");
  EXPECT_EQ(parse_endpoint("https://shop.example:80")->authority(), "shop.example:80");
  EXPECT_EQ(parse_endpoint("http://shop.example:443")->authority(), "shop.example:443");
  EXPECT_FALSE(parse_endpoint("http://shop.example:443")->is_tls());
}

TEST(Endpoint, SaysWhyCredentialsAreRefused) {
  const Error error = parse_endpoint("http://user:hunter2@x").error();
  EXPECT_NE(error.message.find("headers"), std::string::npos);
  EXPECT_EQ(error.message.find("hunter2"), std::string::npos);
}

TEST(Loopback, IsThisHostAndNothingElse) {
  for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"", "localhost.example", "127.0.0.1.example", "128.0.0.1", "10.0.0.1",
                           "0.0.0.0", "::", "::2", "127.1", "2130706433", "127.0.0.1 "}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(MaySendTo, OnlyLoopbackAndNamedHosts) {
  const std::vector<std::string> allowed = {"staging.example", "other.example:8443", "[::2]",
                                            "[::3]:81"};
  EXPECT_TRUE(may_send_to("127.0.0.1", 99, {}));
  EXPECT_TRUE(may_send_to("::1", 99, {}));
  EXPECT_TRUE(may_send_to("staging.example", 1234, allowed));
  EXPECT_TRUE(may_send_to("other.example", 8443, allowed));
  EXPECT_TRUE(may_send_to("::2", 80, allowed));
  EXPECT_TRUE(may_send_to("::3", 81, allowed));
  EXPECT_FALSE(may_send_to("other.example", 443, allowed));
  EXPECT_FALSE(may_send_to("::3", 80, allowed));
  EXPECT_FALSE(may_send_to("staging.example.evil", 80, allowed));
  EXPECT_FALSE(may_send_to("staging.example", 80, {}));
}

}  // namespace
}  // namespace squall::model
