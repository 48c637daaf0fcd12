#include "loadgen/plan/csv.hpp"

#include <gtest/gtest.h>

#include "tests/loadgen/plan/rows_text.hpp"

namespace squall::plan {
namespace {

std::string read(std::string_view text) {
  return rows_text(parse_csv(text, "users.csv", 5));
}

TEST(Csv, ReadsWhatTheStandardHas) {
  EXPECT_EQ(read("id,name\n1,Ann\n2,Bob\n"), "id|name/1|Ann/2|Bob");
  EXPECT_EQ(read("id,name\r\n1,Ann\r\n2,Bob"), "id|name/1|Ann/2|Bob");
  EXPECT_EQ(read("\xef\xbb\xbfid\n1"), "id/1");
  EXPECT_EQ(read("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n"), "a|b/x,y|say \"hi\"");
  EXPECT_EQ(read("a,b\n\"two\r\nlines\",z\n"), "a|b/two\r\nlines|z");
  EXPECT_EQ(read("a,b\n,\n"), "a|b/|");
  EXPECT_EQ(read("a,b\n1,\"\"\n"), "a|b/1|");
  EXPECT_EQ(read("\n\na\n\n1\n\n\n2\n"), "a/1/2");
  EXPECT_EQ(read(" a , b \n 1 , 2 \n"), "a|b/ 1 | 2 ");
  EXPECT_EQ(read("a\nx\ry\n"), "a/x\ry");
  EXPECT_EQ(read("a\n"), "a");
}

TEST(Csv, SaysWhereItIsWrong) {
  EXPECT_EQ(read(""),
            "users.csv:1:1: a CSV file begins with the names of its columns; this one is empty");
  EXPECT_EQ(read("a,,b\n"), "users.csv:1:3: a column without a name");
  EXPECT_EQ(read("a,b,a\n"), "users.csv:1:5: a second column named \"a\"");
  EXPECT_EQ(read("a,b\n1,2\n3\n"), "users.csv:3:1: this row has 1 cell, the header 2");
  EXPECT_EQ(read("a\n1,2\n"), "users.csv:2:1: this row has 2 cells, the header 1");
  EXPECT_EQ(read("a,b\n\"x\ny\",2\n1,x\"y\n"),
            "users.csv:4:4: a quote inside a cell: put the whole cell into quotes and write this "
            "one twice");
  EXPECT_EQ(read("a,b\n1,\"x"), "users.csv:2:3: the quote that begins here is not closed");
  EXPECT_EQ(read("a,b\n\"x\"y,2\n"),
            "users.csv:2:4: a comma or the end of the line was expected behind the quote");
  EXPECT_EQ(read("a\n1\n2\n3\n4\n5\n6\n"), "users.csv:7:1: more than 5 rows");
}

}  // namespace
}  // namespace squall::plan
