#include "loadgen/expr/expectation.hpp"
#include "loadgen/expr/extraction.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

namespace squall::expr {
namespace {

Expectation parsed(std::string_view text) {
  auto result = parse_expectation(text);
  EXPECT_TRUE(result) << text << ": " << (result ? "" : to_string(result.error()));
  return result ? *result : Expectation{Expectation::StatusRange{}, ""};
}

TEST(ParseExpectation, ReadsStatus) {
  const auto range = std::get<Expectation::StatusRange>(parsed("status in 200..299").condition);
  EXPECT_EQ(range.low, 200);
  EXPECT_EQ(range.high, 299);
  const auto compare = std::get<Expectation::StatusCompare>(parsed("  status  !=500 ").condition);
  EXPECT_EQ(compare.comparison, Comparison::kNotEqual);
  EXPECT_EQ(compare.status, 500);
  EXPECT_EQ(std::get<Expectation::StatusCompare>(parsed("status < 400").condition).comparison,
            Comparison::kLess);
  EXPECT_FALSE(parsed("status == 201").needs_body());
  EXPECT_EQ(parsed(" status == 201").source, " status == 201");
}

TEST(ParseExpectation, ReadsJson) {
  const auto text = std::get<Expectation::JsonCompare>(
      parsed(R"(json /status == "suc\"ceeded\u00e9")").condition);
  EXPECT_EQ(text.pointer, "/status");
  EXPECT_EQ(text.comparison, Comparison::kEqual);
  EXPECT_EQ(std::get<std::string>(text.expected), "suc\"ceededé");
  const auto number =
      std::get<Expectation::JsonCompare>(parsed("json /items/0/amount>=-1.5e3").condition);
  EXPECT_EQ(number.pointer, "/items/0/amount");
  EXPECT_EQ(number.comparison, Comparison::kGreaterOrEqual);
  EXPECT_EQ(std::get<double>(number.expected), -1500);
  EXPECT_EQ(std::get<bool>(
                std::get<Expectation::JsonCompare>(parsed("json /a != false").condition).expected),
            false);
  EXPECT_EQ(std::get<bool>(
                std::get<Expectation::JsonCompare>(parsed("json /a == true").condition).expected),
            true);
  EXPECT_EQ(std::get<Expectation::JsonExists>(parsed("json /a~0b~1c exists").condition).pointer,
            "/a~0b~1c");
  EXPECT_EQ(
      std::get<Expectation::JsonExists>(parsed(R"(json "/a b = c" exists)").condition).pointer,
      "/a b = c");
  EXPECT_EQ(std::get<Expectation::JsonExists>(parsed(R"(json "" exists)").condition).pointer, "");
  EXPECT_TRUE(parsed("json /a exists").needs_body());
}

TEST(ParseExpectation, ReadsBody) {
  EXPECT_EQ(
      std::get<Expectation::BodyContains>(parsed(R"(body contains "two words")").condition).text,
      "two words");
  EXPECT_TRUE(parsed(R"(body contains "x")").needs_body());
}

TEST(ParseExpectation, SaysWhatIsWrongAndWhere) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  const Case cases[]{
      {"",
       "column 1: what an expectation starts with is missing at the end; write status, json, "
       "header, body, size, time or not"},
      {"statuss == 2",
       "column 1: \"statuss\" is not what an expectation starts with; did you mean \"status\"?"},
      {"header X == 1", "column 8: \"X\" is not the name of a header in quotes"},
      {"header \"\" exists", "column 8: the name of a header is empty"},
      {"header \"X\" < \"1\"", "column 12: headers are texts: they are equal or not"},
      {"header \"X\" == 1", "column 15: \"1\" is not a text in quotes"},
      {"header \"X\" contain \"1\"",
       "column 12: \"contain\" is not \"exists\", \"contains\", \"matches\" or a comparison; did "
       "you "
       "mean \"contains\"?"},
      {"body matches \"(\"", "column 14: \"(\" is not a regular expression: missing ): ("},
      {"json /a matches x", "column 17: \"x\" is not a regular expression in quotes"},
      {"not not status == 200", "column 5: \"not\" stands once"},
      {"status 201", "column 8: \"201\" is not \"in\" or a comparison; write in or =="},
      {"status = 201", "column 8: \"=\" is not a comparison; write =="},
      {"status == 2xx", "column 11: \"2xx\" is not a status code from 100 to 999"},
      {"status == 99", "column 11: \"99\" is not a status code from 100 to 999"},
      {"status == 99999999999", "column 11: \"99999999999\" is not a status code from 100 to 999"},
      {"status ==", "column 10: a status code from 100 to 999 is missing at the end"},
      {"status in 299..200", "column 11: 299..200 is empty: the lower status comes first"},
      {"status in 200-299",
       "column 11: \"200-299\" is not a range of status codes; did you mean \"200..299\"?"},
      {"status in 200..", "column 11: \"200..\" is not a range of status codes; write 200..299"},
      {"status in", "column 10: a range of status codes is missing at the end; write 200..299"},
      {"status in 200..299 301", "column 20: \"301\" is more than an expression takes"},
      {"json", "column 5: a JSON pointer is missing at the end; write /id or /items/0/id"},
      {"json status == 1", "column 6: \"status\" is not a JSON pointer; write /id or /items/0/id"},
      {"json \"status\" == 1", "column 6: \"status\" is not a JSON pointer: it starts with /"},
      {"json /a~2 == 1", "column 6: \"/a~2\" is not a JSON pointer: write ~0 for ~ and ~1 for /"},
      {"json /a~ exists", "column 6: \"/a~\" is not a JSON pointer: write ~0 for ~ and ~1 for /"},
      {"json /a", "column 8: a comparison is missing at the end; write ==, !=, <, <=, > or >="},
      {"json /a exist",
       "column 9: \"exist\" is not \"exists\", \"matches\" or a comparison; did you mean "
       "\"exists\"?"},
      {"json /a = \"x\"", "column 9: \"=\" is not a comparison; write =="},
      {"json /a == x", "column 12: \"x\" is not a text in quotes, a number, true or false"},
      {"json /a == nan", "column 12: \"nan\" is not a text in quotes, a number, true or false"},
      {"json /a == 1e999", "column 12: \"1e999\" is not a text in quotes, a number, true or false"},
      {"json /a == 0x10", "column 12: \"0x10\" is not a text in quotes, a number, true or false"},
      {"json /a ==", "column 11: a text in quotes, a number, true or false is missing at the end"},
      {"json /a > \"x\"", "column 11: > compares numbers only"},
      {"json /a <= true", "column 12: <= compares numbers only"},
      {"json /a == \"x", "column 12: the closing quote is missing"},
      {"json /a == \"x\\", "column 12: the closing quote is missing"},
      {"json /a == \"\\q\"", "column 12: \"\\q\" is not a JSON string"},
      {"json /a == \"\\ud800\"", "column 12: \"\\ud800\" is not a JSON string"},
      {"json /a == \"x\" y", "column 16: \"y\" is more than an expression takes"},
      {"body contain \"x\"",
       "column 6: \"contain\" is not \"contains\" or \"matches\"; did you mean \"contains\"?"},
      {"body contains x", "column 15: \"x\" is not a text in quotes"},
      {"body contains \"\"", "column 15: every body contains the empty text"},
      {"\x1b[2J",
       "column 1: \"\\x1b[2J\" is not what an expectation starts with; write status, json, header, "
       "body, size, "
       "time or not"},
  };
  for (const Case& one : cases) {
    const auto result = parse_expectation(one.text);
    ASSERT_FALSE(result) << one.text;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(to_string(result.error()), one.error);
  }
}

TEST(ParseExtraction, ReadsAPointerUnderAName) {
  const auto extraction = parse_extraction("payment", "json /id");
  ASSERT_TRUE(extraction);
  EXPECT_EQ(extraction->name, "payment");
  EXPECT_EQ(extraction->pointer, "/id");
}

TEST(ParseExtraction, SaysWhatIsWrong) {
  const auto error = [](std::string_view name, std::string_view text) {
    const auto result = parse_extraction(name, text);
    return result ? std::string("ok") : to_string(result.error());
  };
  EXPECT_EQ(error("id", "headers Location"),
            "column 1: \"headers\" is not where a value can come from; did you mean \"header\"?");
  EXPECT_EQ(error("id", "header Location"),
            "column 8: \"Location\" is not the name of a header in quotes");
  EXPECT_EQ(error("id", "regex \"(\" in header \"X\""),
            "column 7: \"(\" is not a regular expression: missing ): (");
  EXPECT_EQ(error("id", "regex \"a\" in \"X\""),
            "column 14: \"X\" is not \"header\"; write header");
  EXPECT_EQ(error("id", "cookie \"\""), "column 8: the name of a cookie is empty");
  EXPECT_EQ(error("id", "json /id default 0"), "column 18: \"0\" is not a text in quotes");
  EXPECT_EQ(error("id", "json /id default \"0\" optional"),
            "column 22: \"optional\" is more than an expression takes");
  EXPECT_EQ(error("id", "json /id x"), "column 10: \"x\" is more than an expression takes");
  EXPECT_EQ(error("id", "json id"),
            "column 6: \"id\" is not a JSON pointer; did you mean \"/id\"?");
  for (const std::string name : {"", "a b", "a}}", "var.x", "1a"}) {
    EXPECT_EQ(error(name, "json /id"),
              "\"" + name +
                  "\" cannot be the name of an extracted value: names begin with a letter and hold "
                  "letters, digits, '-' and '_'");
  }
  EXPECT_EQ(error("seq", "json /id"), "{{seq}} already has a meaning; choose another name");
  EXPECT_EQ(error("true", "json /id"), "\"true\" is a word of conditions; choose another name");
}

TEST(Comparison, PrintsAsWritten) {
  for (const std::string_view text : {"==", "!=", "<", "<=", ">", ">="}) {
    const auto condition = std::get<Expectation::StatusCompare>(
        parsed("status " + std::string(text) + " 200").condition);
    EXPECT_EQ(to_string(condition.comparison), text);
  }
}

}  // namespace
}  // namespace squall::expr
