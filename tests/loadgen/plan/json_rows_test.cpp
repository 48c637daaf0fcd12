#include "loadgen/plan/json_rows.hpp"

#include <gtest/gtest.h>

#include "tests/loadgen/plan/rows_text.hpp"

namespace squall::plan {
namespace {

std::string json(std::string_view text) {
  return rows_text(parse_json_rows(text, "u.json", 4));
}
std::string ndjson(std::string_view text) {
  return rows_text(parse_ndjson_rows(text, "u.ndjson", 4));
}

TEST(JsonRows, TakesEveryKindOfValue) {
  EXPECT_EQ(json(R"([{"a":"x","b":1.5,"c":true},{"a":null,"b":-7,"c":{"d":[1,"e"]}}])"),
            R"(a|b|c/x|1.5|true/|-7|{"d":[1,"e"]})");
  EXPECT_EQ(json(R"([{"z":1},{"a":2},{}])"), "z|a/1|/|2/|");
  EXPECT_EQ(ndjson("{\"a\":\"1\\n\"}\r\n\n{\"a\":2}"), "a/1\n/2");
}

TEST(JsonRows, SaysWhereItIsWrong) {
  EXPECT_EQ(json("[{\"a\":1},\n {\"a\" 2}]"), "u.json:2:7: this is not JSON");
  EXPECT_EQ(json(""), "u.json:1:1: this is not JSON");
  EXPECT_EQ(json("{\"a\":1}"), "u.json:1:1: an array of objects was expected");
  EXPECT_EQ(json("[1]"), "u.json:1:1: row 1 is no object such as {\"email\": \"a@b.example\"}");
  EXPECT_EQ(json("[]"), "u.json:1:1: there is no row with a value");
  EXPECT_EQ(json("[{}]"), "u.json:1:1: there is no row with a value");
  EXPECT_EQ(ndjson("{\"a\":1}\n\n{\"a\":}\n"), "u.ndjson:3:6: this is not JSON");
  EXPECT_EQ(ndjson("{}\n[]"),
            "u.ndjson:2:1: row 2 is no object such as {\"email\": \"a@b.example\"}");
  EXPECT_EQ(ndjson("{}\n{}\n{}\n{}\n{}"), "u.ndjson:5:1: more than 4 rows");
}

TEST(JsonRows, DeepOnesAreRefusedAndNotFollowed) {
  const std::string open(100'000, '[');
  const std::string close(100'000, ']');
  EXPECT_EQ(json("[{\"a\":" + open + close + "}]"),
            "u.json:1:1: values inside each other deeper than 64");
}

}  // namespace
}  // namespace squall::plan
