#include "loadgen/import/shell_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::import {
namespace {

using testing::ElementsAre;

std::vector<std::string> words(std::string_view text) {
  const auto split = split_shell(text);
  EXPECT_TRUE(split.has_value()) << text << (split ? "" : to_string(split.error()));
  std::vector<std::string> all;
  if (split && !split->commands.empty()) {
    EXPECT_EQ(split->commands.size(), 1U) << text;
    for (const ShellWord& word : split->commands.front().words) {
      all.push_back(word.text);
    }
  }
  return all;
}

TEST(ShellWords, QuotesAndBackslashes) {
  EXPECT_THAT(words("  a  'b c' \"d e\" f\\ g "), ElementsAre("a", "b c", "d e", "f g"));
  EXPECT_THAT(words(R"(x'a'"b"c ''"" '\n' "\n\"\\")"), ElementsAre("xabc", "", "\\n", "\\n\"\\"));
  EXPECT_THAT(words(R"('it'\''s' it\'s)"), ElementsAre("it's", "it's"));
}

TEST(ShellWords, ContinuedLinesAndComments) {
  EXPECT_THAT(words("curl \\\n  -H x \\\r\n y # all the rest's\n"),
              ElementsAre("curl", "-H", "x", "y"));
  EXPECT_THAT(words("a#b \"c\\\nd\""), ElementsAre("a#b", "cd"));
}

TEST(ShellWords, AnsiQuotes) {
  EXPECT_THAT(words("$'a\\n\\t\\'\\\\\\x41\\101\\u00e9\\U0001F600\\e\\cA\\q'"),
              ElementsAre("a\n\t'\\AA\xc3\xa9\xf0\x9f\x98\x80\x1b\x01\\q"));
  EXPECT_THAT(words(R"($"plain" $ a$)"), ElementsAre("plain", "$", "a$"));
}

TEST(ShellWords, VariablesStandBetweenMarks) {
  const std::string mark(1, kVariableMark);
  EXPECT_THAT(words("\"Bearer $TOKEN\" ${A_1}x '$no' \\$no $1"),
              ElementsAre("Bearer " + mark + "TOKEN" + mark, mark + "A_1" + mark + "x", "$no",
                          "$no", "$1"));
}

TEST(ShellWords, SeparatorsPipesAndRedirections) {
  const auto split =
      split_shell("curl a && curl b; curl c | jq .x > out.txt\ncurl d 2>/dev/null -s & e\n");
  ASSERT_TRUE(split.has_value());
  ASSERT_EQ(split->commands.size(), 5U);
  EXPECT_EQ(split->commands[2].words.size(), 2U);
  EXPECT_EQ(split->commands[3].words.back().text, "-s");
  EXPECT_EQ(split->commands[3].words.front().where.line, 2U);
  EXPECT_EQ(split->commands[3].words[1].where.column, 6U);
  EXPECT_THAT(split->left_out, ElementsAre("| jq .x", "> out.txt", "> /dev/null"));
}

TEST(ShellWords, SaysWhatItCannotRead) {
  struct Case {
    std::string_view text;
    unsigned line;
    unsigned column;
    std::string_view message;
  };
  const Case cases[]{
      {"curl 'a", 1, 6, "not closed"},
      {"x\ncurl \"a\n\n", 2, 6, "not closed"},
      {"curl $'a", 1, 6, "not closed"},
      {"curl $(id)", 1, 6, "would have to be run"},
      {"curl \"`id`\"", 1, 7, "would have to be run"},
      {"curl ${A:-b}", 1, 6, "${NAME}"},
      {"curl a(b)", 1, 7, "single quotes"},
      {"curl $'a\\0'", 1, 9, "NUL"},
  };
  for (const Case& one : cases) {
    const auto split = split_shell(one.text);
    ASSERT_FALSE(split.has_value()) << one.text;
    ASSERT_TRUE(split.error().where.has_value()) << one.text;
    EXPECT_EQ(split.error().where->line, one.line) << one.text;
    EXPECT_EQ(split.error().where->column, one.column) << one.text;
    EXPECT_NE(split.error().message.find(one.message), std::string::npos) << split.error().message;
  }
  EXPECT_FALSE(split_shell(std::string_view("curl \0x", 7)).has_value());
  EXPECT_FALSE(split_shell(std::string(kMaxShellBytes + 1, 'x')).has_value());
}

TEST(ShellWords, NothingIsNothing) {
  EXPECT_TRUE(split_shell("")->commands.empty());
  EXPECT_TRUE(split_shell(" \n# x\n;;&&\n")->commands.empty());
}

}  // namespace
}  // namespace squall::import
