// Every function of templates: what it draws, signs and refuses.
#include "loadgen/expr/template_function.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/template_filter.hpp"
#include "tests/support/files.hpp"
#include "tests/support/signing_keys.hpp"

namespace squall::expr {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSecret = "s3\"cr{{et";

class TemplateFunctions : public testing::Test {
 protected:
  Result<Template> parse(std::string_view text) {
    const TemplateNames names{.extracted = {}, .feeders = nullptr, .body = true, .scope = &scope_};
    return Template::parse(text, names);
  }
  std::string render(std::string_view text, std::uint64_t chance = 1) {
    const auto parsed = parse(text);
    EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().message);
    std::string out;
    if (parsed) {
      parsed->render({.key = "key-1",
                      .sequence = 5,
                      .run_id = "r",
                      .now = now_,
                      .extracted = {},
                      .chance = chance,
                      .body = {&body_, body_.size()}},
                     out);
    }
    return out;
  }
  std::string error(std::string_view text) {
    const auto parsed = parse(text);
    return parsed ? "it parses" : parsed.error().message;
  }
  void write_file(const std::string& name, const std::string& content) {
    static_cast<void>(folder_.write(name, content));
    scope_.set_folder(folder_.path());
  }

  Scope scope_{[](const std::string& name) {
    return name == "SECRET" || name == "OTP_SECRET" || name == "PASSWORD"
               ? std::optional<std::string>(name == "OTP_SECRET" ? "JBSWY3DPEHPK3PXP" : kSecret)
               : std::nullopt;
  }};
  test::TestDirectory folder_;
  WallTime now_{1'700'000'000s};
  std::string body_ = "{\"a\":1}";
};

TEST_F(TemplateFunctions, EveryExampleOfTheReferenceRenders) {
  write_file("token.txt", "t0k\n");
  for (const TemplateFunction& function : template_functions().entries()) {
    EXPECT_FALSE(render("{{" + std::string(function.example) + "}}").empty()) << function.name;
    EXPECT_FALSE(function.summary.empty());
    EXPECT_GE(function.max_arguments, function.min_arguments);
  }
  for (const TemplateFilter& filter : template_filters()) {
    EXPECT_FALSE(render(filter.example).empty()) << filter.name;
  }
}

TEST_F(TemplateFunctions, WhatDrawsIsTheSameForOneOperationAndAnotherForTheNext) {
  for (const std::string_view text :
       {"{{uuid}}", "{{uuid7}}", "{{rand_int 1 1000000000000}}", "{{rand_float 0 1}}",
        "{{rand_string 20}}", "{{normal 0 1}}", "{{zipf 1000000000000 0.1}}",
        "{{\"{{uuid}}\" | sha256}}", "{{pick \"{{uuid}}\" \"{{uuid}}\"}}"}) {
    EXPECT_EQ(render(text, 7), render(text, 7)) << text;
    EXPECT_NE(render(text, 7), render(text, 8)) << text;
    const std::string twice = render(std::string(text) + " " + std::string(text), 7);
    EXPECT_NE(twice.substr(0, twice.find(' ')), twice.substr(twice.find(' ') + 1)) << text;
  }
}

TEST_F(TemplateFunctions, DrawsByPlaceSoThatANeighbourShiftsNothing) {
  Template header = *parse("{{uuid}}");
  Template other = *parse("{{uuid}}");
  header.set_place("header x-a");
  other.set_place("header x-b");
  const auto rendered = [](const Template& text) {
    std::string out;
    text.render({.chance = 3}, out);
    return out;
  };
  EXPECT_NE(rendered(header), rendered(other));
  const auto json = [&](const std::string& toml) {
    const auto document = parse_toml("j = " + toml, "p");
    return nlohmann::json::parse(rendered(*Template::from_json(*document->find("j"), {})));
  };
  const auto alone = json("{ a = '{{uuid}}' }");
  const auto between = json("{ z = '{{uuid}}', a = '{{uuid}}', b = ['{{uuid}}', '{{uuid}}'] }");
  EXPECT_EQ(alone["a"], between["a"]);
  EXPECT_NE(between["z"], between["a"]);
  EXPECT_NE(between["b"][0], between["b"][1]);
}

TEST_F(TemplateFunctions, UuidsHaveTheirVersion) {
  const std::regex four("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const std::regex seven("018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (std::uint64_t chance = 0; chance < 50; ++chance) {
    EXPECT_TRUE(std::regex_match(render("{{uuid}}", chance), four)) << render("{{uuid}}", chance);
    EXPECT_TRUE(std::regex_match(render("{{uuid7}}", chance), seven))
        << render("{{uuid7}}", chance);
  }
}

TEST_F(TemplateFunctions, IntegersReachBothEnds) {
  std::map<std::string, int> seen;
  for (std::uint64_t chance = 0; chance < 4000; ++chance) {
    ++seen[render("{{rand_int -1 2}}", chance)];
  }
  ASSERT_EQ(seen.size(), 4U);
  for (const auto& [value, count] : seen) {
    EXPECT_NEAR(count, 1000, 130) << value;  // more than four standard deviations
  }
  EXPECT_EQ(render("{{rand_int 5 5}}"), "5");
  EXPECT_FALSE(render("{{rand_int -9223372036854775808 9223372036854775807}}").empty());
}

TEST_F(TemplateFunctions, NumbersWithAFractionKeepToTheirDigits) {
  double sum = 0;
  for (std::uint64_t chance = 0; chance < 2000; ++chance) {
    const std::string text = render("{{rand_float -1 3 2}}", chance);
    EXPECT_TRUE(std::regex_match(text, std::regex("-?[0-9]\\.[0-9]{2}"))) << text;
    sum += std::stod(text);
  }
  EXPECT_NEAR(sum / 2000, 1, 0.12);  // standard deviation of the mean: 0.026
  double normal_sum = 0;
  double squares = 0;
  for (std::uint64_t chance = 0; chance < 4000; ++chance) {
    const double value = std::stod(render("{{normal 10 2}}", chance));
    normal_sum += value;
    squares += (value - 10) * (value - 10);
  }
  EXPECT_NEAR(normal_sum / 4000, 10, 0.15);
  EXPECT_NEAR(squares / 4000, 4, 0.45);
  EXPECT_EQ(render("{{normal 5 0 0}}"), "5");
  EXPECT_EQ(render("{{normal -0.001 0 2}}"), "0.00");
  EXPECT_EQ(render("{{normal -0.001 0 0}}"), "0");
  EXPECT_EQ(render("{{normal -10 0 1}}"), "-10.0");
}

TEST_F(TemplateFunctions, StringsKeepToTheirAlphabet) {
  EXPECT_TRUE(std::regex_match(render("{{rand_string 64}}"), std::regex("[A-Za-z0-9]{64}")));
  EXPECT_TRUE(std::regex_match(render("{{rand_string 40 \"ab\"}}"), std::regex("[ab]{40}")));
  EXPECT_EQ(render("{{rand_string 0}}"), "");
  EXPECT_EQ(error("{{rand_string 5 \"\"}}"),
            "rand_string: an alphabet is at least one ASCII character");
  EXPECT_EQ(error("{{rand_string 5 \"{{key}}\"}}"),
            "rand_string: this has to be known while the plan is read, without {{names}} of a "
            "request");
}

TEST_F(TemplateFunctions, PicksByWeight) {
  std::map<std::string, int> seen;
  for (std::uint64_t chance = 0; chance < 4000; ++chance) {
    ++seen[render("{{pick 3 \"a{{seq}}\" 1 \"b\"}}", chance)];
  }
  EXPECT_EQ(seen.size(), 2U);
  EXPECT_NEAR(seen["a5"], 3000, 120);  // standard deviation 27
  EXPECT_EQ(render("{{pick \"only\"}}"), "only");
  EXPECT_EQ(error("{{pick 3}}"), "pick: behind a weight stands the text that it is for");
  EXPECT_EQ(error("{{pick 0 \"a\"}}"), "pick: an integer from 1 to 1000000000 was expected, not 0");
  EXPECT_EQ(error("{{pick 1 2}}"),
            "pick: a text in quotes was expected, not 2; write for example {{pick 9 \"card\" 1 "
            "\"cash\"}}");
}

// Counts against the distribution itself: 1 / r^s over its sum.
TEST_F(TemplateFunctions, ZipfDrawsEachRankAsOftenAsItShould) {
  for (const double exponent : {0.0, 0.7, 1.0, 1.1, 2.5}) {
    constexpr int kRanks = 20;
    constexpr int kDraws = 20000;
    const auto parsed = parse("{{zipf 20 " + std::to_string(exponent) + "}}");
    ASSERT_TRUE(parsed);
    std::array<int, kRanks + 1> seen{};
    for (int i = 0; i < kDraws; ++i) {
      std::string out;
      parsed->render({.chance = static_cast<std::uint64_t>(i)}, out);
      const int rank = std::stoi(out);
      ASSERT_GE(rank, 1);
      ASSERT_LE(rank, kRanks);
      ++seen[static_cast<std::size_t>(rank)];
    }
    double whole = 0;
    for (int rank = 1; rank <= kRanks; ++rank) {
      whole += std::pow(rank, -exponent);
    }
    double chi_squared = 0;
    for (int rank = 1; rank <= kRanks; ++rank) {
      const double expected = kDraws * std::pow(rank, -exponent) / whole;
      const double off = seen[static_cast<std::size_t>(rank)] - expected;
      chi_squared += off * off / expected;
    }
    EXPECT_LT(chi_squared, 43.8) << exponent;  // 19 degrees of freedom, p = 0.001
  }
  EXPECT_EQ(render("{{zipf 1 1}}"), "1");
}

TEST_F(TemplateFunctions, ReadsAFileBesideThePlan) {
  write_file("token.txt", std::string("t0\0k{{key}}\n", 12));
  EXPECT_EQ(render("<{{file \"token.txt\"}}>"), std::string("<t0\0k{{key}}\n>", 14));
  EXPECT_EQ(render("{{file \"token.txt\" | trim | hex}}"), "7430006b7b7b6b65797d7d");
  EXPECT_NE(error("{{file \"other.txt\"}}").find("No such file"), std::string::npos);
  EXPECT_NE(error("{{file \".\"}}").find("is no regular file"), std::string::npos);
}

TEST_F(TemplateFunctions, SignsAWebhook) {
  // As a payment provider signs it; computed with Python's hmac.
  EXPECT_EQ(render("t={{now | unix}},v1={{hmac \"sha256\" \"whsec\" \"{{now | unix}}.{{body}}\"}}"),
            "t=1700000000,v1=8ad37ba156048ae0e0a5533c75cdf26fee88b07f93cb57ee4c80adb053012032");
  EXPECT_EQ(error("{{hmac \"md5\" \"s\" \"m\"}}"),
            "hmac: there is no digest \"md5\"; write sha1, sha256, sha384 or sha512");
}

TEST_F(TemplateFunctions, SecretsInArgumentsAreNoTemplateText) {
  const std::string signed_text = render("{{hmac \"sha256\" \"${env:SECRET}\" \"m\" | hex}}");
  std::string expected;
  const Digest digest = hmac_of(DigestKind::kSha256, kSecret, "m");
  for (const char c : digest.bytes()) {
    expected += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  EXPECT_EQ(signed_text, expected);
  EXPECT_EQ(parse("{{hmac \"sha256\" \"${env:SECRET}\" \"m\"}}")->source(),
            "{{hmac \"sha256\" \"${env:SECRET}\" \"m\"}}");
  EXPECT_EQ(error("{{\"${env:NOBODY}\" | hex}}"), "environment variable NOBODY is not set");
  EXPECT_EQ(error("{{\"${env:NOBODY\" | hex}}"), "\"${env:\" has no closing \"}\"");
}

TEST_F(TemplateFunctions, WhatIsMadeOfASecretAloneIsOne) {
  const std::string basic = render("{{\"user:${env:PASSWORD}\" | base64}}");
  EXPECT_TRUE(scope_.secrets().contains(basic)) << basic;
  const std::size_t before = scope_.secrets().size();
  static_cast<void>(
      render("{{\"user\" | base64}}{{hmac \"sha256\" \"${env:SECRET}\" \"{{now}}\"}}"));
  EXPECT_EQ(scope_.secrets().size(), before);
}

TEST_F(TemplateFunctions, NamesOfThePlanStandInArgumentsToo) {
  scope_.define("var.prefix", "p\"{{key}}");
  EXPECT_EQ(render("{{\"{{var.prefix}}-{{seq}}\" | upper}}"), "P\"{{KEY}}-5");
  EXPECT_EQ(error("{{\"{{var.prefxi}}\" | upper}}"),
            "{{var.prefxi}} is not defined; did you mean {{var.prefix}}?");
}

// RFC 6238 appendix B.
TEST_F(TemplateFunctions, OneTimePasswordsAreThoseOfTheirStandard) {
  const std::string sha1 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  const std::string sha256 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
  const auto at = [&](std::int64_t seconds, const std::string& secret, const std::string& rest) {
    now_ = WallTime(std::chrono::seconds(seconds));
    return render("{{totp \"" + secret + "\"" + rest + "}}");
  };
  EXPECT_EQ(at(59, sha1, " 30s 8"), "94287082");
  EXPECT_EQ(at(1111111109, sha1, " 30s 8 \"sha1\""), "07081804");
  EXPECT_EQ(at(20000000000 / 10, sha1, " 30s 8"), "69279037");
  EXPECT_EQ(at(59, sha256, " 30s 8 \"sha256\""), "46119246");
  EXPECT_EQ(at(1234567890, sha256, " 30s 8 \"sha256\""), "91819424");
  EXPECT_EQ(at(59, sha1, ""), "287082");
  EXPECT_EQ(at(119, sha1, " 60s"), at(60, sha1, " 60s"));
  EXPECT_EQ(at(-5, sha1, ""), at(0, sha1, ""));
  EXPECT_EQ(error("{{totp \"0189\"}}"),
            "totp: the secret is not Base32 (letters and the digits 2 to 7)");
  EXPECT_EQ(error("{{totp \"MZXW6\" 500ms}}"), "totp: a period is whole seconds, such as 30s");
}

std::string from_base64url(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  std::string bytes;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    held = held << 6 | static_cast<std::uint32_t>(kDigits.find(c));
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(held >> bits & 0xff);
    }
  }
  return bytes;
}

struct Token3 {
  std::string signed_text;
  nlohmann::json header;
  nlohmann::json claims;
  std::string signature;
};

Token3 taken_apart(const std::string& token) {
  const std::vector<std::string_view> parts = split(token, '.');
  EXPECT_EQ(parts.size(), 3U) << token;
  return {token.substr(0, token.rfind('.')),
          nlohmann::json::parse(from_base64url(std::string(parts[0]))),
          nlohmann::json::parse(from_base64url(std::string(parts[1]))),
          from_base64url(std::string(parts[2]))};
}

TEST_F(TemplateFunctions, TokensAreSignedAndCarryTheTime) {
  body_ = "q\"uote";
  const Token3 token = taken_apart(render(
      "{{jwt \"HS256\" \"secret\" '{\"sub\":\"{{body}}\",\"iat\":{{now}},\"exp\":{{now +5m}}}' "
      "\"kid-\\\"1\"}}"));
  EXPECT_EQ(token.header, nlohmann::json({{"alg", "HS256"}, {"typ", "JWT"}, {"kid", "kid-\"1"}}));
  EXPECT_EQ(token.claims,
            nlohmann::json({{"sub", "q\"uote"}, {"iat", 1'700'000'000}, {"exp", 1'700'000'300}}));
  EXPECT_EQ(token.signature, hmac_of(DigestKind::kSha256, "secret", token.signed_text).bytes());
}

TEST_F(TemplateFunctions, TokensTakeKeysFromFilesAndFromThePlan) {
  const std::string rsa = test::new_rsa_key();
  write_file("rsa.pem", rsa);
  write_file("ec.pem", test::rfc6979_key());
  write_file("other.pem", test::new_p384_key());
  const Token3 from_rsa = taken_apart(render("{{jwt \"RS256\" \"rsa.pem\" '{\"a\":{{seq}}}'}}"));
  EXPECT_TRUE(test::verifies(rsa, from_rsa.signed_text, from_rsa.signature));
  const Token3 from_ec =
      taken_apart(render("{{jwt \"ES256\" \"" + test::rfc6979_key() + "\" '{\"a\":{{seq}}}'}}"));
  EXPECT_TRUE(test::verifies(test::rfc6979_key(), from_ec.signed_text, from_ec.signature));
  EXPECT_EQ(render("{{jwt \"ES256\" \"ec.pem\" '{}'}}"),
            render("{{jwt \"ES256\" \"ec.pem\" '{}'}}"));
  EXPECT_EQ(error("{{jwt \"ES256\" \"other.pem\" '{}'}}"),
            "jwt: ES256 takes a P-256 key, which this is not");
  EXPECT_EQ(error("{{jwt \"RS256\" \"ec.pem\" '{}'}}"),
            "jwt: RS256 takes an RSA key, which this is not");
  EXPECT_NE(error("{{jwt \"RS256\" \"absent.pem\" '{}'}}").find("cannot read"), std::string::npos);
  write_file("no.pem", "hello");
  EXPECT_NE(error("{{jwt \"RS256\" \"no.pem\" '{}'}}").find("not a PEM private key"),
            std::string::npos);
  EXPECT_EQ(error("{{jwt \"none\" \"x\" '{}'}}"),
            "jwt: there is no algorithm \"none\"; write HS256, HS384, HS512, RS256, RS384, RS512 "
            "or ES256");
  EXPECT_NE(error("{{jwt \"HS256\" \"x\" '[1]'}}").find("no JSON object"), std::string::npos);
  // What is filled in is known well enough to tell; what comes from outside is not.
  for (const char* claims : {"{\"a\":{{seq}}", "{\"a\":{{key}}}", "{{now}}"}) {
    EXPECT_NE(error("{{jwt \"HS256\" \"x\" '" + std::string(claims) + "'}}").find("no JSON object"),
              std::string::npos)
        << claims;
  }
  body_ = "7";
  EXPECT_EQ(taken_apart(render("{{jwt \"HS256\" \"x\" '{\"a\":{{body}}}'}}")).claims["a"], 7);
}

TEST_F(TemplateFunctions, NestingHasABottom) {
  std::string deep = "{{key}}";
  for (int i = 0; i < 20; ++i) {
    deep = "{{\"" + deep + "\" | trim}}";
  }
  EXPECT_NE(error(deep).find("has no closing"), std::string::npos);
}

}  // namespace
}  // namespace squall::expr
