#include "faults/proxy/proxy_address.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "faults/proxy/listen_addresses.hpp"

namespace squall::faults {
namespace {

std::string listen_text(const std::string& text) {
  const auto address = resolve_listen(text);
  return address ? address->to_string() : "error: " + address.error().message;
}

TEST(ProxyAddress, splits_host_and_port) {
  EXPECT_EQ(parse_host_port("db:5432")->host, "db");
  EXPECT_EQ(parse_host_port("db:5432")->port, 5432);
  EXPECT_EQ(parse_host_port("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_host_port(":80")->host, "");
  EXPECT_EQ(parse_host_port("h:0")->port, 0);
  for (const std::string bad :
       {"", "db", "db:", "db:x", "db:70000", "db:-1", "::1:80", "db:80 ", "a:b:80"}) {
    EXPECT_FALSE(parse_host_port(bad)) << bad;
  }
}

TEST(ProxyAddress, an_upstream_may_speak_tls) {
  EXPECT_FALSE(speaks_tls("db:5432"));
  EXPECT_FALSE(speaks_tls("https:5432"));
  EXPECT_TRUE(speaks_tls("HTTPS://db:5432"));
  EXPECT_EQ(parse_upstream("db:5432")->host, "db");
  EXPECT_EQ(parse_upstream("https://db:5432/")->port, 5432);
  EXPECT_EQ(parse_upstream("https://db")->port, 443);
  EXPECT_EQ(parse_upstream("https://[::1]")->host, "::1");
  EXPECT_EQ(parse_upstream("https://[::1]:8443")->port, 8443);
  for (const std::string bad :
       {"https://", "https://:443", "https://db:x", "https://db:80/path", "https://https://db"}) {
    EXPECT_FALSE(parse_upstream(bad)) << bad;
  }
}

TEST(ProxyAddress, listens_on_ipv4_for_localhost_and_on_both_for_wildcards) {
  EXPECT_EQ(listen_text("localhost:0"), "127.0.0.1:0");
  EXPECT_EQ(listen_text("LocalHost:81"), "127.0.0.1:81");
  EXPECT_EQ(listen_text("[::1]:81"), "[::1]:81");
  for (const std::string wildcard : {":81", "0.0.0.0:81", "[::]:81"}) {
    EXPECT_EQ(listen_text(wildcard), "[::]:81") << wildcard;
  }
}

TEST(ProxyAddress, knows_addresses_that_need_no_resolver) {
  const auto local = known_addresses("localhost", 5);
  ASSERT_EQ(local.size(), 2U);
  EXPECT_EQ(local[0].to_string(), "127.0.0.1:5");
  EXPECT_EQ(local[1].to_string(), "[::1]:5");
  EXPECT_EQ(known_addresses("10.0.0.1", 5).size(), 1U);
  EXPECT_EQ(known_addresses("", 5).front().to_string(), "127.0.0.1:5");
  EXPECT_TRUE(known_addresses("db.example", 5).empty());
}

TEST(ProxyAddress, says_what_went_wrong_as_toxiproxy_does) {
  const auto at = net::SocketAddress::parse("127.0.0.1", 3310).value();
  EXPECT_EQ(listen_problem(at, EADDRINUSE),
            "listen tcp 127.0.0.1:3310: bind: address already in use");
  EXPECT_EQ(listen_problem(at, EADDRNOTAVAIL),
            "listen tcp 127.0.0.1:3310: bind: cannot assign requested address");
  EXPECT_EQ(connect_problem(at, ECONNREFUSED),
            "dial tcp 127.0.0.1:3310: connect: connection refused");
}

TEST(ListenAddresses, never_asks_the_resolver_when_it_is_read) {
  ListenAddresses addresses;
  EXPECT_EQ(addresses.find("localhost:7")->to_string(), "127.0.0.1:7");
  EXPECT_FALSE(addresses.find("name.invalid:7"));
  EXPECT_NE(addresses.find("name.invalid:7").error().message.find("try again"), std::string::npos);
  addresses.resolve("name.invalid:7");
  EXPECT_EQ(addresses.find("name.invalid:7").error().message.find("try again"), std::string::npos);
  EXPECT_FALSE(addresses.find("no-port"));
}

}  // namespace
}  // namespace squall::faults
