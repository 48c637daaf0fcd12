#include "reports/formats/common/text_table.hpp"

#include <gtest/gtest.h>

#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

TEST(TextTableTest, FitCutsByCodePoints) {
  EXPECT_EQ(fit("abc", 3), "abc");
  EXPECT_EQ(fit("abcd", 3), "ab…");
  EXPECT_EQ(fit("éèêë", 3), "éè…");
  EXPECT_EQ(fit("abc", 1), "…");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(TextTableTest, WrapsAtBlanksAndKeepsLongWords) {
  EXPECT_EQ(wrapped("- ", "one two three", 9), "- one two\n  three\n");
  EXPECT_EQ(wrapped("- ", "abcdefghijkl m", 6), "- abcdefghijkl\n  m\n");
  EXPECT_EQ(wrapped("- ", "", 6), "- \n");
}

TEST(TextTableTest, AlignsAndShrinksLeftColumnsOnly) {
  TextTable table({{"name", TextTable::Align::kLeft}, {"count"}});
  table.add({{"a"}, {"1"}});
  table.add({{"a much longer name"}, {"12345"}});
  EXPECT_EQ(table.render(80, Style(false)),
            "  name                count\n"
            "  a                       1\n"
            "  a much longer name  12345\n");
  EXPECT_EQ(table.render(20, Style(false)),
            "  name         count\n"
            "  a                1\n"
            "  a much lon…  12345\n");
}

TEST(TextTableTest, ColoursTakeNoColumns) {
  TextTable table({{"n"}});
  table.add({{"7", Tone::kBad}});
  EXPECT_EQ(table.render(80, Style(true)), "  \x1b[2mn\x1b[0m\n  \x1b[31m7\x1b[0m\n");
}

TEST(SummaryTest, ReproducersNameTheDirectory) {
  EXPECT_EQ(with_directory("squall replay DIR --key k", "runs/my run"),
            "squall replay 'runs/my run' --key k");
  EXPECT_EQ(with_directory("sh DIR/findings/x.sh", "runs/my run"),
            "sh 'runs/my run'/findings/x.sh");
  EXPECT_EQ(with_directory("squall replay DIR --key k", ""), "squall replay DIR --key k");
  EXPECT_EQ(with_directory("squall replay DIRECTORY", "x"), "squall replay DIRECTORY");
}

}  // namespace
}  // namespace squall::reports
