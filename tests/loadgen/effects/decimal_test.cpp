#include "loadgen/effects/decimal.hpp"

#include <gtest/gtest.h>

#include <string>

#include "loadgen/effects/json_number.hpp"

namespace squall::effects {
namespace {

TEST(Decimal, KnowsNumbersAsJsonWritesThem) {
  for (const char* good : {"0", "-0", "12", "-12.50", "007", "1e2", "1E+2", "1.5e-3", "0.1"}) {
    EXPECT_TRUE(is_decimal(good)) << good;
  }
  for (const char* bad : {"", "-", ".5", "5.", "1e", "1e+-2", "+1", "1,5", "0x10", " 1", "1 ",
                          "1e65", "1e-65", "NaN", "--1", "1.2.3"}) {
    EXPECT_FALSE(is_decimal(bad)) << bad;
  }
  EXPECT_TRUE(is_decimal(std::string(kLongestDecimal, '9')));
  EXPECT_FALSE(is_decimal(std::string(kLongestDecimal + 1, '9')));
  EXPECT_FALSE(is_change("0.000"));
  EXPECT_TRUE(is_change("-0.001"));
}

TEST(Decimal, CountsChangesExactly) {
  struct Case {
    const char* before;
    const char* after;
    const char* change;
    std::uint64_t count;
  };
  for (const Case& one : {
           Case{"100", "100", "19.99", 0},
           Case{"0", "0.3", "0.1", 3},  // 0.3 / 0.1 is 2.9999999999999996 in doubles
           Case{"1e2", "139.98", "19.99", 2},
           Case{"100", "93", "-1", 7},
           Case{"-5", "-5.50", "-0.25", 2},
           Case{"9007199254740993", "9007199254740995.00", "1", 2},  // beyond a double's 2^53
           Case{"123456789012345678901234567890.01", "123456789012345678901234567890.03", "0.01",
                2},
       }) {
    const auto count = changes_between(one.before, one.after, one.change);
    ASSERT_TRUE(count) << one.after << ": " << to_string(count.error());
    EXPECT_EQ(*count, one.count) << one.after;
  }
}

TEST(Decimal, SaysWhatCannotBeACount) {
  EXPECT_EQ(changes_between("100", "130", "19.99").error().message,
            "it went from 100 to 130, by 30: no whole number of effects of 19.99 each");
  EXPECT_EQ(changes_between("10.05", "10.00", "0.05").error().message,
            "it went from 10.05 to 10.00, by -0.05: the other way than effects of 0.05 each");
  EXPECT_FALSE(changes_between("0", "1e30", "0.01"));
}

TEST(JsonNumber, IsReadDigitForDigit) {
  const auto at = [](const char* text, const char* pointer) {
    const auto found = decimal_at(text, pointer);
    return found ? *found : "FAILED: " + found.error().message;
  };
  EXPECT_EQ(at(R"({"a":{"b":[1,{"c/d":12345678901234567890.10}]}})", "/a/b/1/c~1d"),
            "12345678901234567890.10");
  EXPECT_EQ(at(R"({"balance":"1999.50"})", "/balance"), "1999.50");
  EXPECT_EQ(at(R"({"n":-7})", "/n"), "-7");
  EXPECT_EQ(at("42", ""), "42");
  EXPECT_EQ(at("[[3],4]", "/1"), "4");
  EXPECT_EQ(at(R"({"n":1,"n":2})", "/n"), "2");
  EXPECT_EQ(at(R"({"n":"12 EUR"})", "/n"), R"(FAILED: "12 EUR" is no decimal number)");
  EXPECT_EQ(at(R"({"n":null})", "/n"), "FAILED: null is no decimal number");
  EXPECT_EQ(at(R"({"n":1,"n":{}})", "/n"), "FAILED: {} is no decimal number");
  EXPECT_EQ(at(R"({"m":1})", "/n"), R"(FAILED: there is nothing at "/n": {"m":1})");
  EXPECT_EQ(at("[01]", "/0"), "FAILED: the answer is not JSON: [01]");
}

}  // namespace
}  // namespace squall::effects
