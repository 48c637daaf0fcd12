#include "loadgen/expr/value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::expr {
namespace {

using testing::HasSubstr;

Value parsed(std::string_view text) {
  auto value = parse_toml(text, "p.toml");
  EXPECT_TRUE(value) << (value ? "" : to_string(value.error()));
  return value ? *value : Value{};
}

std::string error_of(std::string_view text) {
  const auto value = parse_toml(text, "p.toml");
  EXPECT_FALSE(value) << text;
  if (value) {
    return "";
  }
  EXPECT_EQ(value.error().code, ErrorCode::kMalformed);
  return to_string(value.error());
}

std::vector<std::string> keys_of(const Value& table) {
  std::vector<std::string> keys;
  for (const Entry& entry : *table.as_table()) {
    keys.push_back(entry.key);
  }
  return keys;
}

TEST(ParseToml, KeepsTypes) {
  const Value document =
      parsed("b = true\ni = -3\nf = 0.5\ns = 'x'\na = [1, 'y']\nt = { k = 1 }\ninf = -inf\n");
  EXPECT_EQ(std::get<bool>(document.find("b")->data), true);
  EXPECT_EQ(std::get<std::int64_t>(document.find("i")->data), -3);
  EXPECT_EQ(std::get<double>(document.find("f")->data), 0.5);
  EXPECT_EQ(*document.find("s")->as_string(), "x");
  EXPECT_EQ(document.find("a")->as_array()->size(), 2U);
  EXPECT_EQ(std::get<std::int64_t>(document.find("t")->find("k")->data), 1);
  EXPECT_TRUE(std::isinf(std::get<double>(document.find("inf")->data)));
  EXPECT_EQ(document.find("nothing"), nullptr);
  EXPECT_EQ(document.find("s")->find("x"), nullptr) << "a string has no members";
}

TEST(ParseToml, KeepsTheOrderOfTheFile) {
  const Value document = parsed(
      "zeta = 1\nalpha = { y = 1, x = 2, b.z = 3, b.a = 4 }\n[m]\nq = 1\nc = "
      "2\n[[k]]\n[a.b]\n[a]\nlate = 1\n");
  EXPECT_EQ(keys_of(document), (std::vector<std::string>{"zeta", "alpha", "m", "k", "a"}));
  EXPECT_EQ(keys_of(*document.find("alpha")), (std::vector<std::string>{"y", "x", "b"}));
  EXPECT_EQ(keys_of(*document.find("alpha")->find("b")), (std::vector<std::string>{"z", "a"}));
  EXPECT_EQ(keys_of(*document.find("m")), (std::vector<std::string>{"q", "c"}));
  EXPECT_EQ(keys_of(*document.find("a")), (std::vector<std::string>{"b", "late"}));
}

TEST(ParseToml, PointsAtKeysAndValuesInBytes) {
  const Value document = parsed(
      "a = 1\n"
      "\"ä\" = \"ö\"\n"
      "list = [ 'ü', 7,\n"
      "  { x = 1 } ]\n"
      "  [[scenario]]\n"
      "  name = 'n'\n"
      "    [scenario.load]\n");
  const auto at = [](const SourceRef& where) {
    return std::to_string(where.line) + ":" + std::to_string(where.column);
  };
  EXPECT_EQ(document.where.file, "p.toml");
  EXPECT_EQ(at(document.find("a")->where), "1:5");
  EXPECT_EQ(at((*document.as_table())[1].key_where), "2:1");
  EXPECT_EQ(at(document.find("ä")->where), "2:8") << "an ä has two bytes";
  const Array& list = *document.find("list")->as_array();
  EXPECT_EQ(at(list[0].where), "3:10");
  EXPECT_EQ(at(list[1].where), "3:16");
  EXPECT_EQ(at(list[2].where), "4:3");
  EXPECT_EQ(at(list[2].find("x")->where), "4:9");
  const Value& scenario = document.find("scenario")->as_array()->front();
  EXPECT_EQ(at(scenario.where), "5:3");
  EXPECT_EQ(at(scenario.find("name")->where), "6:10");
  EXPECT_EQ(at(scenario.find("load")->where), "7:5");
}

TEST(ParseToml, ByteOrderMarkAndCarriageReturnsDoNotShiftPositions) {
  const Value document = parsed(
      "\xef\xbb\xbf"
      "a = 1\r\nb = 2\r\n");
  EXPECT_EQ(document.find("a")->where.column, 5U);
  EXPECT_EQ(document.find("b")->where.line, 2U);
  EXPECT_EQ(document.find("b")->where.column, 5U);
}

TEST(ParseToml, EmptyFileIsAnEmptyTable) {
  EXPECT_TRUE(parsed("").as_table()->empty());
  EXPECT_TRUE(parsed("# nothing\n\n").as_table()->empty());
}

TEST(ParseToml, ExplainsSyntaxErrors) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"x = 1\nrate = 200/s  # why\n",
       "p.toml:2:11: not TOML: expected digit, saw '/' (decimal integer); text and quantities "
       "stand in quotes: rate = "
       "\"200/s\""},
      {"timeout = 2s",
       "p.toml:1:12: not TOML: expected digit, saw 's' (decimal integer); text and quantities "
       "stand in quotes: "
       "timeout = \"2s\""},
      {"a = hello",
       "p.toml:1:5: not TOML: could not determine value type (value); text and quantities stand in "
       "quotes: a = "
       "\"hello\""},
      {"a = True", "p.toml:1:5: not TOML: expected 'true', saw 'T' (boolean); write true"},
      {"name = \"shop\nrate = 1\n",
       "p.toml:1:13: not TOML: unescaped control characters other than TAB (U+0009) are explicitly "
       "prohibited (string); "
       "is a closing quote missing? Text over several lines stands in ''' … '''"},
      {"a = ",
       "p.toml:1:5: not TOML: encountered end-of-file (key-value pair); the value is missing"},
      {"a = 1\na = 2\n",
       "p.toml:2:5: not TOML: cannot redefine existing integer 'a' (key-value pair)"},
      {"[x]\n[x]\n",
       "p.toml:2:1: not TOML: cannot redefine existing table 'x' (table header); write [[…]] for a "
       "table that may stand "
       "several times"},
      {"a = {\n b = 1 }",
       "p.toml:1:6: not TOML: expected key or closing '}', saw '\\n' (inline table); an inline "
       "table { … } stands on one "
       "line"},
      {"a b = 1", "p.toml:1:3: not TOML: expected '=', saw 'b' (key-value pair)"},
      {"\"ä\" = \"ö\" q",
       "p.toml:1:13: not TOML: expected a comment or whitespace, saw 'q' (key-value pair)"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(error_of(text), expected);
  }
}

TEST(ParseToml, RejectsDatesAtTheFirst) {
  EXPECT_EQ(
      error_of("a = 1\nz = [ 2020-01-01 ]\nb = 07:32:00\n"),
      "p.toml:2:7: dates and times have no place in a plan; put quotes around it if text is meant");
  EXPECT_THAT(error_of("a = 1979-05-27T07:32:00Z"), HasSubstr("p.toml:1:5: dates"));
}

TEST(ParseToml, SurvivesHostileFiles) {
  EXPECT_THAT(error_of(std::string_view("a = \"\0\"", 7)), HasSubstr("not TOML"));
  EXPECT_THAT(error_of("a = \"\xff\xfe\""), HasSubstr("a plan is UTF-8 text"));
  EXPECT_THAT(error_of("a = " + std::string(100'000, '[')), HasSubstr("p.toml:1:"));
  std::string dots = "a";
  for (int i = 0; i < 1'000'000; ++i) {
    dots += ".a";
  }
  EXPECT_EQ(error_of(dots + " = 1"), "p.toml:1:128: a key has more than 64 parts");
  EXPECT_THAT(error_of("x = 1\n[" + dots + "]"),
              HasSubstr("p.toml:2:129: a key has more than 64 parts"));
  std::string nested = "1";
  for (int i = 0; i < 100; ++i) {
    nested = "{ a.b.c = " + nested + " }";
  }
  EXPECT_THAT(error_of("x = " + nested), HasSubstr("nested more than 64 levels deep"));
  EXPECT_EQ(error_of("a = \x1b[31m").find('\x1b'), std::string::npos) << "messages reach terminals";
}

TEST(ParseToml, ManyDotsInTextAreFine) {
  const std::string dots(1000, '.');
  const Value document = parsed("# " + dots + "\na = \"" + dots + "\\\"" + dots + "\"\nb = '''\n" +
                                dots + "'\n'''\nc = '" + dots + "'\n");
  EXPECT_EQ(document.as_table()->size(), 3U);
}

TEST(TypeName, ReadsAsASentence) {
  EXPECT_EQ(type_name(Value{true, {}}), "a boolean");
  EXPECT_EQ(type_name(Value{std::int64_t{1}, {}}), "an integer");
  EXPECT_EQ(type_name(Value{1.5, {}}), "a number");
  EXPECT_EQ(type_name(Value{std::string("x"), {}}), "a string");
  EXPECT_EQ(type_name(Value{Array(), {}}), "a list");
  EXPECT_EQ(type_name(Value{Array{Value{Table(), {}}}, {}}), "a list of tables");
  EXPECT_EQ(type_name(Value{Table(), {}}), "a table");
}

TEST(ScalarText, WritesWithoutQuotes) {
  EXPECT_EQ(scalar_text(Value{true, {}}), "true");
  EXPECT_EQ(scalar_text(Value{std::int64_t{-7}, {}}), "-7");
  EXPECT_EQ(scalar_text(Value{2.0, {}}), "2.0");
  EXPECT_EQ(scalar_text(Value{std::string("a\"b"), {}}), "a\"b");
}

// Positions aside, and members in any order: to_toml may move tables behind other keys.
bool same(const Value& a, const Value& b) {
  if (a.data.index() != b.data.index()) {
    return false;
  }
  if (const Table* table = a.as_table()) {
    for (const Entry& entry : *table) {
      const Value* other = b.find(entry.key);
      if (other == nullptr || !same(entry.value, *other)) {
        return false;
      }
    }
    return table->size() == b.as_table()->size();
  }
  if (const Array* items = a.as_array()) {
    const Array& others = *b.as_array();
    for (std::size_t i = 0; i < items->size() && i < others.size(); ++i) {
      if (!same((*items)[i], others[i])) {
        return false;
      }
    }
    return items->size() == others.size();
  }
  return scalar_text(a) == scalar_text(b);
}

TEST(ToToml, ReadsBackToTheSameValues) {
  const std::string wide(120, 'w');
  for (const std::string& text : std::vector<std::string>{
           "",
           "a = 1\nb = -9223372036854775808\nc = 9223372036854775807\n",
           "a = 0.1\nb = 1e300\nc = -0.0\nd = inf\ne = -inf\nf = 5e-324\ng = 3.0\n",
           "a = true\nb = []\nc = {}\nd = [[]]\ne = [{}]\n",
           R"(a = "quote \" slash \\ tab \t cr \r nl \n nul \u0000 del \u007F ä 🦀")",
           "body = '''\n{ \"a\": 1 }\n\n'''\n",
           "body = \"\"\"two ''' quotes\nand a line\"\"\"\n",
           "body = \"ends with '\\n'\"\n",
           "body = \"\\n\\nstarts with lines\"\n",
           "body = \"carriage\\r\\nreturn\"\n",
           "\"odd key\" = 1\n\"\" = 2\n\"ä.b\" = 3\n'q\"q' = 4\n",
           "[load]\nwarmup = '2s'\n[load.deep]\nx = '" + wide + "'\n[empty]\n",
           "[[s]]\nname = 'a'\n  [[s.step]]\n  name = 'x'\n  json = { order = '{{seq}}', list = "
           "[1, { a = [] }] }\n  [[s.step]]\n"
           "  name = 'y'\n[[s]]\nname = 'b'\n[s.arrivals]\nprocess = 'poisson'\nlong = '" +
               wide + "'\n",
           "a.b.c = 1\na.d = '" + wide + "'\n",
           "x = [[1, 2], ['a']]\ny = [{ a = 1 }, 2]\n",
       }) {
    const Value once = parsed(text);
    const std::string written = to_toml(once);
    const auto twice = parse_toml(written, "again.toml");
    ASSERT_TRUE(twice) << to_string(twice.error()) << "\n" << written;
    EXPECT_TRUE(same(once, *twice)) << text << "\n---\n" << written;
    EXPECT_EQ(to_toml(*twice), written) << "writing is stable";
  }
}

TEST(ToToml, ReadsWell) {
  EXPECT_EQ(
      to_toml(parsed(
          "format = 1\n[vars]\nrate = '200/s'\n[[scenario]]\nname = 'buy'\narrivals = { process = "
          "'poisson' }\n"
          "  [[scenario.step]]\n  name = 'charge'\n  headers = { Idempotency-Key = '{{key}}' }\n"
          "  body = '''\nline one\nline two\n'''\n")),
      "format = 1\n"
      "\n"
      "[vars]\n"
      "rate = \"200/s\"\n"
      "\n"
      "[[scenario]]\n"
      "name = \"buy\"\n"
      "arrivals = { process = \"poisson\" }\n"
      "\n"
      "[[scenario.step]]\n"
      "name = \"charge\"\n"
      "headers = { Idempotency-Key = \"{{key}}\" }\n"
      "body = '''\n"
      "line one\n"
      "line two\n"
      "'''\n");
}

TEST(ToToml, WritesTheDeepestThatIsRead) {
  std::string text = "x";
  for (int i = 0; i < 62; ++i) {
    text += ".a";
  }
  const Value deep = parsed(text + " = '" + std::string(150, 'w') + "'");
  const auto again = parse_toml(to_toml(deep), "again.toml");
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_TRUE(same(deep, *again));
}

}  // namespace
}  // namespace squall::expr
