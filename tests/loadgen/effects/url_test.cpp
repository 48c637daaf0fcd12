#include "loadgen/effects/url.hpp"

#include <gtest/gtest.h>

namespace squall::effects {
namespace {

TEST(Url, TakesAbsoluteUrlsApart) {
  const Result<Url> url = parse_url("HTTPS://Staging.Example/ledger?run=a%20b#part");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "staging.example");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/ledger?run=a%20b");
  EXPECT_EQ(url->text(), "https://staging.example/ledger?run=a%20b");
  EXPECT_EQ(parse_url("http://[::1]:8080")->text(), "http://[::1]:8080/");
  EXPECT_EQ(parse_url("http://a?x=1")->target, "/?x=1");
}

TEST(Url, RefusesWhatIsNoHttpUrlOrHidesItsHost) {
  for (const char* text :
       {"", "/ledger", "ftp://a/", "http://", "http:///x", "http://a:0/", "http://a:70000/",
        "http://a:80x/", "http://127.0.0.1@evil.example/", "http://a b/", "http://a\\@b/",
        "http://a/\r\nHost: b", "http://[::1", "http://[::1]x/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, ResolvesReferencesOfAPage) {
  const Url base = *parse_url("http://a:81/v1/ledger?page=1");
  EXPECT_EQ(resolve(base, "?page=2")->text(), "http://a:81/v1/ledger?page=2");
  EXPECT_EQ(resolve(base, "/other")->text(), "http://a:81/other");
  EXPECT_EQ(resolve(base, "http://b/x")->text(), "http://b/x");
  EXPECT_EQ(resolve(base, "//b/x")->host, "b");
  EXPECT_FALSE(resolve(base, "/a b"));
}

TEST(Url, SetsAQueryParameterOnce) {
  const Url first = with_query_parameter(*parse_url("http://a/l?run=7"), "cursor", "x y&z");
  EXPECT_EQ(first.target, "/l?run=7&cursor=x%20y%26z");
  EXPECT_EQ(with_query_parameter(first, "cursor", "2").target, "/l?run=7&cursor=2");
  EXPECT_EQ(with_query_parameter(*parse_url("http://a/l"), "c", "2").target, "/l?c=2");
}

TEST(Url, PercentCodingIsReversible) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) {
    every_byte += static_cast<char>(byte);
  }
  const std::string encoded = percent_encode(every_byte);
  EXPECT_EQ(encoded.find_first_of(" +/?&=#\r\n"), std::string::npos);
  EXPECT_EQ(percent_decode(encoded), every_byte);
  EXPECT_EQ(percent_decode("a+b%2"), "a b%2");
  EXPECT_EQ(percent_decode("%zz%4"), "%zz%4");
}

}  // namespace
}  // namespace squall::effects
