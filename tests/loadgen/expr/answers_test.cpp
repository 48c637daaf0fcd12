// Header fields, sizes, times and patterns of answers: what is met, and what is taken from them.
#include <gtest/gtest.h>

#include "loadgen/expr/expectation_eval.hpp"

namespace squall::expr {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHead =
    "Content-Type: application/json\n"
    "X-Count: 12\n"
    "x-count: 13\n"
    "Location: /orders/77?draft=1\n"
    "Set-Cookie: sid=first; Path=/; HttpOnly\n"
    "Set-Cookie: theme = dark ; Path=/\n"
    "set-cookie: sid=second\n"
    "X-Empty: \n";
constexpr std::string_view kBody = R"({"id":"p-12","n":120,"list":[1,2],"none":null})";

Answer answer() {
  return {.status = 200,
          .body = kBody,
          .head = kHead,
          .body_bytes = 2048,
          .service = milliseconds(250)};
}

bool meets(std::string_view source, const Answer& of = answer()) {
  const auto expectation = parse_expectation(source);
  EXPECT_TRUE(expectation) << source << ": " << (expectation ? "" : expectation.error().message);
  AnswerChecker checker;
  checker.begin(of);
  return expectation && checker.meets(*expectation);
}

std::string described(std::string_view source) {
  AnswerChecker checker;
  checker.begin(answer());
  return checker.describe(parse_expectation(source).value());
}

std::string taken(std::string_view source, const Answer& of = answer()) {
  const auto extraction = parse_extraction("x", source);
  EXPECT_TRUE(extraction) << source << ": " << (extraction ? "" : extraction.error().message);
  AnswerChecker checker;
  checker.begin(of);
  std::string out = "before";
  return extraction && checker.extract(*extraction, out) ? out : "nothing";
}

TEST(Answers, HeaderFieldsIgnoreTheCaseOfTheirNameAndAnyOfThemCounts) {
  EXPECT_TRUE(meets("header \"content-type\" == \"application/json\""));
  EXPECT_TRUE(meets("header \"X-Count\" == \"13\""));
  EXPECT_FALSE(meets("header \"X-Count\" == \"14\""));
  EXPECT_TRUE(meets("header \"X-Count\" != \"14\""));
  EXPECT_FALSE(meets("header \"X-Count\" != \"12\""));
  EXPECT_FALSE(meets("header \"X-None\" != \"12\""))
      << "a field that is not there differs from none";
  EXPECT_TRUE(meets("header \"X-Empty\" exists"));
  EXPECT_FALSE(meets("header \"X\" exists"));
  EXPECT_TRUE(meets("header \"Location\" contains \"/orders/\""));
  EXPECT_TRUE(meets("header \"Location\" matches \"^/orders/[0-9]+\""));
  EXPECT_FALSE(meets("header \"Location\" matches \"^orders\""));
}

TEST(Answers, PatternsAreHeldAgainstBodiesAndValues) {
  EXPECT_TRUE(meets("body matches \"p-[0-9]+\""));
  EXPECT_FALSE(meets("body matches \"^p-\""));
  EXPECT_TRUE(meets("json /id matches \"^p-[0-9]+$\""));
  EXPECT_TRUE(meets("json /n matches \"^120$\""));
  EXPECT_FALSE(meets("json /no matches \".*\""));
  const std::string_view noise("\xff\xfe\0x", 4);
  EXPECT_TRUE(meets("body matches \"x\"", {.body = noise}));
}

TEST(Answers, SizesAndTimesAreCompared) {
  EXPECT_TRUE(meets("size <= 2KiB"));
  EXPECT_FALSE(meets("size < 2KiB"));
  EXPECT_TRUE(meets("time <= 250ms"));
  EXPECT_FALSE(meets("time < 250ms"));
  EXPECT_TRUE(meets("time > 0"));
}

TEST(Answers, NotTurnsAnExpectationRound) {
  EXPECT_FALSE(meets("not status == 200"));
  EXPECT_TRUE(meets("not status in 400..599"));
  EXPECT_TRUE(meets("not json /no exists"));
  EXPECT_TRUE(meets("not header \"X\" exists"));
  EXPECT_TRUE(meets("not body contains \"error\""));
}

TEST(Answers, SayWhatTheyHave) {
  EXPECT_EQ(described("header \"x-count\" == \"1\""), "x-count is \"12\"");
  EXPECT_EQ(described("header \"X\" exists"), "there is no X");
  EXPECT_EQ(described("size < 1KiB"), "the body has 2048 bytes");
  EXPECT_EQ(described("time < 1ms"), "it took 250ms");
}

TEST(Answers, ValuesAreTakenFromEverywhere) {
  EXPECT_EQ(taken("json /id"), "p-12");
  EXPECT_EQ(taken("json /list"), "[1,2]");
  EXPECT_EQ(taken("header \"location\""), "/orders/77?draft=1");
  EXPECT_EQ(taken("header \"X-Empty\""), "");
  EXPECT_EQ(taken("cookie \"sid\""), "second") << "the last one counts";
  EXPECT_EQ(taken("cookie \"theme\""), "dark");
  EXPECT_EQ(taken("cookie \"Path\""), "nothing");
  EXPECT_EQ(taken("cookie \"SID\""), "nothing") << "names of cookies have a case";
  EXPECT_EQ(taken("regex \"p-([0-9]+)\""), "12");
  EXPECT_EQ(taken("regex \"p-[0-9]+\""), "p-12");
  EXPECT_EQ(taken("regex \"(p)-(?P<number>[0-9]+)\""), "12") << "a named group comes first";
  EXPECT_EQ(taken("regex \"/orders/([0-9]+)\" in header \"Location\""), "77");
  EXPECT_EQ(taken("regex \"13\" in header \"X-Count\""), "13") << "the first field that it matches";
  EXPECT_EQ(taken("regex \"p-(x)?\""), "nothing") << "the group took no part";
}

TEST(Answers, WhatIsNotThereHasADefaultOrIsNothing) {
  EXPECT_EQ(taken("json /no"), "nothing");
  EXPECT_EQ(taken("json /none"), "nothing");
  EXPECT_EQ(taken("json /none default \"0\""), "0");
  EXPECT_EQ(taken("cookie \"no\" default \"\""), "");
  EXPECT_EQ(taken("header \"no\" optional"), "nothing");
  EXPECT_TRUE(parse_extraction("x", "header \"no\" optional")->optional);
}

TEST(Answers, AValueThatIsTooLongIsNone) {
  std::string head = "X: " + std::string(kMaxExtractedBytes, 'a') + "\n";
  EXPECT_EQ(taken("header \"X\"", {.head = head}).size(), kMaxExtractedBytes);
  head.insert(3, "a");
  EXPECT_EQ(taken("header \"X\"", {.head = head}), "nothing");
}

TEST(Answers, NeedWhatTheyLookAt) {
  EXPECT_FALSE(parse_expectation("size < 1KiB")->needs_body());
  EXPECT_FALSE(parse_expectation("time < 1s")->needs_header());
  EXPECT_TRUE(parse_expectation("not header \"X\" exists")->needs_header());
  EXPECT_TRUE(parse_expectation("body matches \"x\"")->needs_body());
  EXPECT_TRUE(parse_extraction("x", "cookie \"a\"")->needs_header());
  EXPECT_FALSE(parse_extraction("x", "cookie \"a\"")->needs_body());
  EXPECT_TRUE(parse_extraction("x", "regex \"a\"")->needs_body());
}

// RE2 keeps its promise: a pattern that others need years for.
TEST(Answers, PatternsAreLinear) {
  const std::string body(20'000, 'a');
  EXPECT_FALSE(meets("body matches \"(a+)+b\"", {.body = body}));
  EXPECT_FALSE(parse_expectation("body matches \"a{1000}{1000}\""));
}

}  // namespace
}  // namespace squall::expr
