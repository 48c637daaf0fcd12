// Which tokens count, at which time.
#include "tests/shop/tokens.hpp"

#include <gtest/gtest.h>

#include <fmt/core.h>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"

namespace squall::shop {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime kNow(seconds(1'700'000'000));

TokensOptions options() {
  TokensOptions made;
  made.secret = "secret";
  return made;
}

std::string token(const std::string& claims, const std::string& secret = "secret") {
  std::string text;
  append_base64(R"({"alg":"HS256","typ":"JWT"})", Base64::kUrl, text);
  text += '.';
  append_base64(claims, Base64::kUrl, text);
  const std::string is_signed = text;
  text += '.';
  append_base64(hmac_of(DigestKind::kSha256, secret, is_signed).bytes(), Base64::kUrl, text);
  return "Bearer " + text;
}

std::string lasting(std::int64_t from, std::int64_t until) {
  return token(fmt::format(R"({{"sub":"me","nbf":{},"exp":{}}})", 1'700'000'000 + from,
                           1'700'000'000 + until));
}

TEST(Tokens, CountFromNotBeforeUntilExpired) {
  EXPECT_EQ(bearer_of(lasting(0, 10), options(), kNow).value_or(""), "me");
  EXPECT_FALSE(bearer_of(lasting(1, 10), options(), kNow));
  EXPECT_TRUE(bearer_of(lasting(0, 10), options(), kNow + milliseconds(9999)));
  EXPECT_FALSE(bearer_of(lasting(0, 10), options(), kNow + seconds(10)));
}

TEST(Tokens, TheLeewayGoesBothWays) {
  TokensOptions generous = options();
  generous.leeway = seconds(5);
  EXPECT_TRUE(bearer_of(lasting(5, 60), generous, kNow));
  EXPECT_FALSE(bearer_of(lasting(6, 60), generous, kNow));
  EXPECT_TRUE(bearer_of(lasting(-60, -4), generous, kNow));
  EXPECT_FALSE(bearer_of(lasting(-60, -5), generous, kNow));
}

TEST(Tokens, IgnoredTimesCountForNothing) {
  TokensOptions careless = options();
  careless.times = TokenTimes::kIgnored;
  EXPECT_TRUE(bearer_of(lasting(0, 10), careless, kNow + hours(10'000)));
  EXPECT_TRUE(bearer_of(token(R"({"sub":"me"})"), careless, kNow));
  EXPECT_FALSE(bearer_of(token(R"({"sub":"me"})", "other"), careless, kNow));
}

TEST(Tokens, WhatIsNoTokenIsRefused) {
  for (const std::string& wrong : {std::string(), std::string("Bearer "), std::string("Bearer a.b"),
                                   std::string("Bearer a.b.c"), token("no json"),
                                   token(R"({"sub":"me"})"), token(R"({"sub":"me","exp":"soon"})"),
                                   lasting(0, 10) + "x", token(R"({"exp":1700000010})")}) {
    EXPECT_FALSE(bearer_of(wrong, options(), kNow)) << wrong;
  }
}

}  // namespace
}  // namespace squall::shop
