#include "loadgen/base/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall {
namespace {

TEST(NearestName, FindsWhatPeopleMistype) {
  const std::vector<std::string_view> keys{"connections", "duration", "drain", "warmup", "on"};
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"conections", "connections"},
      {"duratoin", "duration"},
      {"warm-up", "warmup"},
      {"no", "on"},
      {"drian", "drain"}};
  for (const auto& [word, expected] : cases) {
    EXPECT_EQ(nearest_name(word, keys), expected) << word;
  }
}

TEST(NearestName, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("zzzz", {"connections", "duration"}), std::nullopt);
  EXPECT_EQ(nearest_name("a", {"b"}), std::nullopt) << "two letters without anything in common";
  EXPECT_EQ(nearest_name("", {"b"}), std::nullopt);
  EXPECT_EQ(nearest_name("a", {}), std::nullopt);
}

TEST(NearestName, TakesTheFirstOfTheNearest) {
  EXPECT_EQ(nearest_name("step", {"stop", "stem", "step1"}), "stop");
  EXPECT_EQ(nearest_name("step", {"stamp", "stop"}), "stop");
}

TEST(NearestName, DoesNotSpendTimeOnHugeWords) {
  const std::string huge(10'000'000, 'x');
  const std::string other(10'000'000, 'y');
  EXPECT_EQ(nearest_name(huge, {other, "x"}), std::nullopt);
}

TEST(JoinOr, ReadsAsASentence) {
  EXPECT_EQ(join_or({}), "");
  EXPECT_EQ(join_or({"a"}), "a");
  EXPECT_EQ(join_or({"a", "b"}), "a or b");
  EXPECT_EQ(join_or({"a", "b", "c"}), "a, b or c");
}

TEST(ShellQuote, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(shell_quote("plain-word_1.0/x:y=z"), "plain-word_1.0/x:y=z");
  EXPECT_EQ(shell_quote(""), "''");
  EXPECT_EQ(shell_quote("two words"), "'two words'");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quote("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(shell_quote("a\nb"), "'a\nb'");
}

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable("plain, with ünïcödé, 日本 and 🦀"),
            "plain, with ünïcödé, 日本 and 🦀");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, DisarmsHostileText) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"\x1b[31mred", "\\x1b[31mred"},      // a terminal's escape sequence
      {"a\nb\r\tc", "a\\x0ab\\x0d\\x09c"},  // lines that pretend to be ours
      {std::string_view("\0", 1), "\\x00"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b"
       "31m",
       "\\xc2\\x9b31m"},           // C1 control: an escape sequence in one character
      {"\xff\xfe", "\\xff\\xfe"},  // not UTF-8
      {"\xc3", "\\xc3"},           // cut short
      {"\xc0\xaf", "\\xc0\\xaf"},  // overlong '/'
      {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // a surrogate
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // above U+10FFFF
      {"\xe2\x80\xae"
       "abc",
       "\\xe2\\x80\\xaeabc"},  // right-to-left override
      {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},
      {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},  // a line separator
      {"\xef\xbf\xbf", "\\xef\\xbf\\xbf"},
      {"\xe2\x80\x9c", "\xe2\x80\x9c"},  // a quotation mark is text
  };
  for (const auto& [hostile, expected] : cases) {
    EXPECT_EQ(printable(hostile), expected);
  }
}

TEST(Printable, CutsBetweenCharactersAndMarksIt) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcdef…");
  EXPECT_EQ(printable("abcdé", 5), "abcd…") << "é has two bytes and is not cut in half";
  EXPECT_EQ(printable("\x01\x02", 4), "\\x01…") << "escapes count as what they print";
  EXPECT_EQ(printable("\x01", 3), "…");
  EXPECT_LE(printable(std::string(1'000'000, '\x01'), 200).size(), 203U);
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(split(",", ','), (std::vector<std::string_view>{"", ""}));
}

TEST(Trim, TakesBlanksOffBothEnds) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(IgnoringCase, IsAsciiOnly) {
  EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("Ä", "ä"));
  EXPECT_EQ(to_lower("HeLLo-Ä1"), "hello-Ä1");
}

}  // namespace
}  // namespace squall
