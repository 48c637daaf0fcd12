#include "loadgen/expr/expectation_eval.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::expr {
namespace {

Expectation expectation(std::string_view text) {
  const auto result = parse_expectation(text);
  EXPECT_TRUE(result) << text;
  return *result;
}

bool meets(std::string_view text, int status, std::string_view body) {
  AnswerChecker checker;
  checker.begin(status, body);
  return checker.meets(expectation(text));
}

// nullopt: nothing to extract.
std::optional<std::string> extracted(std::string_view pointer, std::string_view body) {
  AnswerChecker checker;
  checker.begin(200, body);
  std::string out = "left over";
  if (!checker.extract({"x", std::string(pointer)}, out)) {
    EXPECT_EQ(out, "");
    return std::nullopt;
  }
  return out;
}

TEST(AnswerChecker, JudgesStatus) {
  EXPECT_TRUE(meets("status in 200..299", 200, ""));
  EXPECT_TRUE(meets("status in 200..299", 299, ""));
  EXPECT_FALSE(meets("status in 200..299", 300, ""));
  EXPECT_FALSE(meets("status in 200..299", 199, ""));
  EXPECT_TRUE(meets("status == 201", 201, ""));
  EXPECT_FALSE(meets("status == 201", 200, ""));
  EXPECT_TRUE(meets("status != 500", 200, ""));
  EXPECT_TRUE(meets("status < 400", 399, ""));
  EXPECT_FALSE(meets("status < 400", 400, ""));
  EXPECT_TRUE(meets("status >= 400", 400, ""));
}

constexpr std::string_view kBody =
    R"({"id":"p-1","status":"succeeded","amount":1999,"share":0.50,"ok":true,"no":false,"none":null,)"
    R"("items":[{"sku":"a"},{"sku":"b"}],"empty":{},"list":[],"esc\"aped":1,"\u0061b":2,"a/b":3,"~t":4,"":5,)"
    R"("text":"q\" n\n \u00e9 \ud83e\udd80"})";

TEST(AnswerChecker, JudgesJson) {
  const std::vector<std::pair<std::string_view, bool>> cases{
      {R"(json /status == "succeeded")", true},
      {R"(json /status != "succeeded")", false},
      {R"(json /status == "Succeeded")", false},
      {R"(json /status != "failed")", true},
      {R"(json /text == "q\" n\n é 🦀")", true},
      {"json /amount == 1999", true},
      {"json /amount == 1999.0", true},
      {"json /amount > 1998.5", true},
      {"json /amount < 1999", false},
      {"json /amount <= 1999", true},
      {"json /share == 0.5", true},
      {"json /ok == true", true},
      {"json /ok == false", false},
      {"json /no != true", true},
      {R"(json /items/1/sku == "b")", true},
      {R"(json /items/2/sku == "b")", false},
      {R"(json /items/01/sku == "b")", false},
      {R"(json /items/-/sku == "b")", false},
      {R"(json /items/+1/sku == "b")", false},
      {"json /items/99999999999999999999 exists", false},
      {"json /items exists", true},
      {"json /none exists", true},
      {"json /empty exists", true},
      {"json /empty/x exists", false},
      {"json /id/x exists", false},
      {"json /nothing exists", false},
      {"json /a~1b == 3", true},
      {"json /~0t == 4", true},
      {"json / == 5", true},
      {"json /ab == 2", true},
      {R"(json "/esc\"aped" == 1)", true},
      {R"(json "" exists)", true},
      // A value that is not there meets no comparison; one of another type only "!=".
      {R"(json /nothing != "x")", false},
      {R"(json /amount == "1999")", false},
      {R"(json /amount != "1999")", true},
      {"json /status == 1", false},
      {"json /status != 1", true},
      {"json /none == false", false},
      {"json /none != false", true},
      {"json /items != 1", true},
      {"json /status < 5", false},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(meets(text, 200, kBody), expected) << text;
  }
}

TEST(AnswerChecker, JudgesABodyThatIsOneScalar) {
  EXPECT_TRUE(meets(R"(json "" == 42)", 200, " 42 "));
  EXPECT_TRUE(meets(R"(json "" == "x\"y")", 200, R"("x\"y")"));
  EXPECT_TRUE(meets(R"(json "" == true)", 200, "true"));
  EXPECT_TRUE(meets(R"(json "" exists)", 200, "null"));
  EXPECT_FALSE(meets("json /a exists", 200, "42"));
}

TEST(AnswerChecker, JudgesBodies) {
  EXPECT_TRUE(meets(R"(body contains "cee")", 200, "succeeded"));
  EXPECT_FALSE(meets(R"(body contains "failed")", 200, "succeeded"));
  EXPECT_TRUE(meets(R"(body contains "\u0000")", 200, std::string_view("a\0b", 3)));
  EXPECT_FALSE(meets(R"(body contains "x")", 200, ""));
}

TEST(AnswerChecker, ABodyThatIsNotJsonMeetsNothing) {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  const std::vector<std::string> bodies{
      "",
      " ",
      "<html>",
      "{",
      R"({"a":1)",
      R"({"a":1,})",
      R"({"a":1}})",
      R"({"a":1} {"a":1})",
      R"({"a":1,"b":tru})",
      R"({"a":1,"b":01})",
      R"({"a":1,"b":1.})",
      R"({"a":1,"b":-})",
      R"({"a":1,"b":+1})",
      R"({"a":1,"b":0x1})",
      R"({"a":1,"b":1e})",
      R"({"a":1,"b":.5})",
      R"({"a":1,"b":123456789012345678901234567890x})",
      R"({"a":1,"b":123456789012345678901234567890,})",
      R"({"a":1,"b":NaN})",
      R"({"a":1 "b":2})",
      R"({"a":1,'b':2})",
      R"({"a":1,"b":"\q"})",
      R"({"a":1,"b":"\ud800"})",
      "{\"a\":1,\"b\":\"raw\nline\"}",
      "{\"a\":1,\"b\":\"\xff\"}",
      "\xef\xbb\xbf{\"a\":1",
      std::string("{\"a\":1,\"b\":\"\0\"}", 16),
      R"({"a":1}x)",
      "{\"a\":1}\x01",
      "[" + deep,
      R"({"a":1,"d":)" + deep + "}",
  };
  for (const std::string& body : bodies) {
    EXPECT_FALSE(meets("json /a exists", 200, body)) << body.substr(0, 60);
    EXPECT_FALSE(meets("json /a == 1", 200, body)) << body.substr(0, 60);
    EXPECT_FALSE(meets("json /a != 2", 200, body)) << body.substr(0, 60);
    EXPECT_EQ(extracted("/a", body), std::nullopt) << body.substr(0, 60);
  }
}

TEST(AnswerChecker, TakesNumbersOfAnySize) {
  constexpr std::string_view kLarge =
      R"({"id":123456789012345678901234567890,"tiny":1e-999,"huge":-1e999,"u":18446744073709551615,"s":"x 01 \" -"})";
  EXPECT_EQ(extracted("/id", kLarge), "123456789012345678901234567890");
  EXPECT_TRUE(meets("json /id == 123456789012345678901234567890", 200, kLarge));
  EXPECT_TRUE(meets("json /id > 1e29", 200, kLarge));
  EXPECT_TRUE(meets("json /tiny == 0", 200, kLarge));
  EXPECT_TRUE(meets("json /huge < -1e300", 200, kLarge));
  EXPECT_EQ(extracted("/u", kLarge), "18446744073709551615");
  EXPECT_EQ(extracted("/s", kLarge), "x 01 \" -");
}

TEST(AnswerChecker, ExtractsAsText) {
  EXPECT_EQ(extracted("/id", kBody), "p-1");
  EXPECT_EQ(extracted("/text", kBody), "q\" n\n é 🦀");
  EXPECT_EQ(extracted("/share", kBody), "0.50") << "as written";
  EXPECT_EQ(extracted("/amount", R"({"amount": 1.0e3 })"), "1.0e3");
  EXPECT_EQ(extracted("/ok", kBody), "true");
  EXPECT_EQ(extracted("/items/0", kBody), R"({"sku":"a"})");
  EXPECT_EQ(extracted("/items", kBody), R"([{"sku":"a"},{"sku":"b"}])");
  EXPECT_EQ(extracted("/empty", kBody), "{}");
  EXPECT_EQ(extracted("/none", kBody), std::nullopt);
  EXPECT_EQ(extracted("/nothing", kBody), std::nullopt);
  EXPECT_EQ(extracted("", "[1]"), "[1]");
  EXPECT_EQ(extracted("", "\"x\""), "x");
  EXPECT_EQ(extracted("", "null"), std::nullopt);
  EXPECT_EQ(extracted("/a", R"({"a":"","a":"second"})"), "")
      << "the first of two, and empty is a value";
}

TEST(AnswerChecker, NamesTheFirstUnmet) {
  const std::vector<Expectation> expectations{expectation("status in 200..299"),
                                              expectation(R"(json /status == "succeeded")"),
                                              expectation(R"(body contains "p-1")")};
  AnswerChecker checker;
  checker.begin(200, kBody);
  EXPECT_EQ(checker.first_unmet(expectations), std::nullopt);
  EXPECT_EQ(checker.first_unmet({}), std::nullopt);
  checker.begin(500, "");
  EXPECT_EQ(checker.first_unmet(expectations), 0U);
  checker.begin(200, R"({"status":"failed","id":"p-1"})");
  EXPECT_EQ(checker.first_unmet(expectations), 1U);
  checker.begin(200, R"({"status":"succeeded"})");
  EXPECT_EQ(checker.first_unmet(expectations), 2U);
}

TEST(AnswerChecker, IsUsedAgainForAnswersOfAllKinds) {
  AnswerChecker checker;
  const Expectation wanted = expectation("json /n == 7");
  std::string out;
  for (int round = 0; round < 50; ++round) {
    const std::string large = R"({"pad":")" +
                              std::string(static_cast<std::size_t>(round) * 997, 'x') +
                              R"(","n":7,"s":"v"})";
    checker.begin(200, large);
    EXPECT_TRUE(checker.meets(wanted));
    EXPECT_TRUE(checker.meets(wanted)) << "looked at twice";
    EXPECT_TRUE(checker.extract({"s", "/s"}, out));
    EXPECT_EQ(out, "v");
    checker.begin(200, std::string_view(large).substr(0, large.size() - 1));
    EXPECT_FALSE(checker.meets(wanted));
    checker.begin(200, "7");
    EXPECT_FALSE(checker.meets(wanted));
    checker.begin(200, R"({"n":7})");
    EXPECT_TRUE(checker.meets(wanted));
    EXPECT_FALSE(checker.extract({"s", "/s"}, out));
  }
  AnswerChecker moved = std::move(checker);
  moved.begin(200, R"({"n":7})");
  EXPECT_TRUE(moved.meets(wanted));
}

TEST(AnswerChecker, SaysWhatTheAnswerHas) {
  const auto described = [](std::string_view text, int status, std::string_view body) {
    AnswerChecker checker;
    checker.begin(status, body);
    return checker.describe(expectation(text));
  };
  EXPECT_EQ(described("status in 200..299", 503, ""), "status is 503");
  EXPECT_EQ(described(R"(json /status == "x")", 200, kBody), "/status is \"succeeded\"");
  EXPECT_EQ(described("json /amount == 1", 200, kBody), "/amount is 1999");
  EXPECT_EQ(described("json /nothing exists", 200, kBody), "there is no /nothing");
  EXPECT_EQ(described("json /a exists", 200, "<html>\x1b[31m"),
            "the body is not JSON: <html>\\x1b[31m");
  EXPECT_EQ(described("json /a exists", 200, ""), "the body is empty");
  EXPECT_EQ(described(R"(body contains "x")", 200, "oops"), "the body is oops");
  EXPECT_EQ(described(R"(body contains "x")", 200, ""), "the body is empty");
}

class FilledExpectation : public testing::Test {
 protected:
  FilledExpectation() {
    operation_.sequence = 7;
    operation_.key = "k-7";
    operation_.extracted = extracted_;
  }

  bool meets(std::string_view text, const Answer& answer) {
    const Expectation wanted = expectation(text);
    const auto filled = expected_text(wanted, names_);
    EXPECT_TRUE(filled && *filled) << text;
    checker_.begin(answer, operation_);
    said_ = checker_.wanted(wanted, &**filled);
    return checker_.meets(wanted, &**filled);
  }
  bool meets(std::string_view text, std::string_view body) {
    return meets(text, {.status = 200, .body = body, .body_bytes = body.size()});
  }
  std::string refused(std::string_view text) {
    const auto filled = expected_text(expectation(text), names_);
    return filled ? std::string("not refused") : to_string(filled.error());
  }

  const std::vector<std::string> extracted_{"a \"b\"", "12"};
  const TemplateNames names_{.extracted = {"title", "size"}};
  RenderContext operation_;
  AnswerChecker checker_;
  std::string said_;
};

TEST_F(FilledExpectation, ComparesWithTheOperationsOwnValues) {
  EXPECT_TRUE(meets(R"(json /user == "u-{{seq}}")", R"({"user":"u-7"})"));
  EXPECT_EQ(said_, R"x(json /user == "u-{{seq}}" (here "u-7"))x");
  EXPECT_FALSE(meets(R"(json /user == "u-{{seq}}")", R"({"user":"u-{{seq}}"})"));
  EXPECT_FALSE(meets(R"(not json /user == "{{title}}")", R"({"user":"a \"b\""})"));
  EXPECT_TRUE(meets(R"(json /user != "{{title}}")", R"({"user":"b"})"));
  EXPECT_TRUE(meets(R"(body contains "key {{key}}!")", "the key k-7!"));
  EXPECT_FALSE(meets(R"(body contains "key {{key}}!")", "the key k-8!"));
  EXPECT_TRUE(meets(R"(header "X-Key" == "{{key}}")", {.head = "x-key: k-7\n"}));
  EXPECT_TRUE(meets(R"(header "X-Key" contains "{{seq}}")", {.head = "x-key: k-7\n"}));
  EXPECT_FALSE(meets(R"(header "X-Key" contains "{{seq}}")", {.head = "x-key: k-8\n"}));
}

TEST_F(FilledExpectation, WithoutQuotesComparesNumbers) {
  EXPECT_TRUE(meets("json /n == {{seq}}", R"({"n":7.0})"));
  EXPECT_EQ(said_, "json /n == {{seq}} (here 7)");
  EXPECT_FALSE(meets("json /n == {{seq}}", R"({"n":"7"})")) << "a text is no number";
  EXPECT_TRUE(meets("json /n < {{size}}", R"({"n":11})"));
  EXPECT_FALSE(meets("json /n < {{size}}", R"({"n":12})"));
  EXPECT_FALSE(meets("json /n == {{title}}", R"({"n":0})")) << "neither is this title";
  EXPECT_TRUE(meets("json /n != {{title}}", R"({"n":0})"));
}

TEST_F(FilledExpectation, OthersStayAsTheyAre) {
  for (const std::string_view text :
       {R"(json /a == "b")", "status == 200", R"(body contains "{{")", R"(body matches "a{2}")"}) {
    const auto filled = expected_text(expectation(text), names_);
    ASSERT_TRUE(filled) << text;
    EXPECT_FALSE(*filled) << text;
  }
}

TEST_F(FilledExpectation, SaysWhereNothingCanBeFilledIn) {
  EXPECT_EQ(refused(R"(json /user == "a {{titel}}")").substr(0, 11), "column 20: ");
  EXPECT_NE(refused(R"(json /user == "a {{titel}}")").find("title"), std::string::npos);
  EXPECT_EQ(refused("json /n == {{sequ}}").substr(0, 11), "column 14: ");
  EXPECT_EQ(refused(R"(body matches "{{key}}")").substr(0, 43),
            "column 15: nothing is filled in here: {{nam");
  EXPECT_EQ(refused(R"(json /{{key}} == "{{key}}")").substr(0, 32),
            "column 7: nothing is filled in h");
  EXPECT_EQ(refused(R"(body contains "{{uuid}}")").substr(0, 31),
            "column 16: what is drawn by cha");
}

}  // namespace
}  // namespace squall::expr
