#include "loadgen/net/listen_address.hpp"

#include <gtest/gtest.h>

namespace squall::net {
namespace {

TEST(ListenAddress, is_a_host_and_a_port) {
  const auto v4 = parse_listen_address("127.0.0.1:9646");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 9646);
  const auto v6 = parse_listen_address("[::1]:0");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 0);
  EXPECT_EQ(parse_listen_address("localhost:65535")->port, 65535);
}

TEST(ListenAddress, anything_else_is_refused_with_an_example) {
  for (const char* text : {"", ":", ":80", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                           "127.0.0.1:-1", "127.0.0.1:65536", "127.0.0.1: 80", "::1:80", "[]:80",
                           "http://127.0.0.1:80", "a/b:80", "u@h:80", "a b:80", "[::1:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().message.find("127.0.0.1:9646"), std::string::npos);
  }
}

TEST(HostNamesListener, loopback_goes_by_each_of_its_names) {
  for (const char* bound : {"127.0.0.1", "localhost", "::1"}) {
    for (const char* host :
         {"127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:1", "[::1]", "127.0.0.1"}) {
      EXPECT_TRUE(host_names_listener(host, bound)) << host << " " << bound;
    }
    for (const char* host : {"", "evil.example", "evil.example:8080", "127.0.0.1.evil.example",
                             "localhost.evil.example:8080", "10.0.0.1:8080", "[::2]",
                             "localhost:", "127.0.0.1:80:80", "127.0.0.1@evil.example"}) {
      EXPECT_FALSE(host_names_listener(host, bound)) << host << " " << bound;
    }
  }
}

TEST(HostNamesListener, another_host_goes_by_its_own_name_alone) {
  EXPECT_TRUE(host_names_listener("Load1.example:8080", "load1.example"));
  EXPECT_TRUE(host_names_listener("10.0.0.1:8080", "10.0.0.1"));
  EXPECT_FALSE(host_names_listener("localhost:8080", "10.0.0.1"));
  EXPECT_FALSE(host_names_listener("evil.example:8080", "10.0.0.1"));
}

TEST(HostNamesListener, every_address_is_named_by_addresses) {
  for (const char* bound : {"0.0.0.0", "::"}) {
    EXPECT_TRUE(host_names_listener("10.0.0.1:8080", bound));
    EXPECT_TRUE(host_names_listener("[2001:db8::1]:8080", bound));
    EXPECT_TRUE(host_names_listener("localhost:8080", bound));
    EXPECT_FALSE(host_names_listener("evil.example:8080", bound));
  }
}

}  // namespace
}  // namespace squall::net
