// Drafts to text and back: whatever came from outside arrives at its key as it was.
#include "loadgen/import/plan_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/expr/value.hpp"
#include "loadgen/import/names.hpp"
#include "loadgen/import/starter.hpp"
#include "tests/loadgen/import/import_case.hpp"

namespace squall::import {
namespace {

using testing::HasSubstr;

const std::vector<std::string>& outside_texts() {
  static const std::vector<std::string> texts{
      "",
      "plain",
      "{{name}} {{{x}}} {{",
      "\"quoted\" and \\ back",
      "it's",
      "'''",
      "\"\"\"",
      "ends with '",
      "line\nbreak",
      "\n",
      "\nfirst line empty",
      "cr\r\nlf",
      "tab\tnul" + std::string(1, '\0') + "\x7f\x1b",
      "\xc3\xa9 \xe2\x80\xae \xf0\x9f\x98\x80",
      "# no comment",
      "]\n[checks]\nrequire = []",
      "${env:HOME} $${env:X} ${env:",
      "{ } }} {a}{",
      std::string(5000, 'x'),
  };
  return texts;
}

TEST(PlanWriter, TextComesBackFromToml) {
  for (const std::string& text : outside_texts()) {
    const auto parsed = expr::parse_toml("v = " + toml_text(text) + "\n", "t");
    ASSERT_TRUE(parsed.has_value()) << text << to_string(parsed.error());
    EXPECT_EQ(*parsed->find("v")->as_string(), text);
  }
}

TEST(PlanWriter, BodiesAndHeadersArriveAsTheyWere) {
  for (const std::string& text : outside_texts()) {
    PlanDraft draft{.heading = {text}, .name = "n"};
    draft.targets.push_back({.comments = {text}, .name = "t", .url = "http://127.0.0.1:1"});
    DraftStep step{.comments = {text}, .name = "s", .method = "POST", .path = PlanText("/")};
    step.body = PlanText(text);
    const bool one_line = text.find_first_of(std::string("\n\r\0\x7f\x1b", 5)) == std::string::npos;
    if (one_line) {
      step.headers.push_back({"X-A", PlanText(text)});
      step.headers.push_back({"X-Long", PlanText(std::string(90, 'y'))});
    }
    draft.scenarios.push_back({.comments = {text}, .name = "c", .arrivals = poisson_arrivals()});
    draft.scenarios.back().steps.push_back(step);
    add_default_load(draft, "1/s");
    const auto plan = loaded(write_plan(draft));
    ASSERT_NE(plan, nullptr) << text;
    std::string body;
    plan->steps[0].request.body->render({}, body);
    EXPECT_EQ(body, text);
    if (one_line) {
      std::string header;
      plan->steps[0].request.headers[0].second.render({}, header);
      EXPECT_EQ(header, text);
    }
    EXPECT_TRUE(plan->secrets.empty());
  }
}

TEST(PlanText, KnowsWhatNoPlanCanHold) {
  EXPECT_EQ(PlanText("a {{key}}").source(), "a {{\"{\"}}{key}}");
  EXPECT_EQ(PlanText("\xff").why_not(), "holds bytes that are not UTF-8");
  EXPECT_EQ(PlanText("$").text("{env:X}").source(), "{{var.dollar}}{env:X}");
  EXPECT_EQ(PlanText("{").text("{x").source(), "{{\"{\"}}{x");
  EXPECT_EQ(PlanText("{{{x").source(), "{{\"{\"}}{{\"{\"}}{x");
  EXPECT_EQ(PlanText("a").expression("key").secret("X").source(), "a{{key}}${env:X}");
}

TEST(PlanWriter, CommentsAreBrokenAndPrintable) {
  PlanDraft draft{.heading = {std::string(300, 'w') + " and\x1b[31m " + std::string(50, 'v')},
                  .name = "n"};
  const std::string text = write_plan(draft);
  EXPECT_THAT(text, HasSubstr("\\x1b[31m"));
  for (std::size_t at = 0; at < text.find("format"); at = text.find('\n', at) + 1) {
    EXPECT_EQ(text[at], '#');
  }
}

TEST(Names, ArePlainAndUnique) {
  Names names;
  EXPECT_EQ(names.unique("GET /Users/{id}?x", "step"), "get-users-id-x");
  EXPECT_EQ(names.unique("get users id x", "step"), "get-users-id-x-2");
  EXPECT_EQ(names.unique("\"]\n42", "step"), "step");
  EXPECT_EQ(names.unique("listBooksByISBN", "step"), "list-books-by-isbn");
  EXPECT_EQ(names.unique("", "step"), "step-2");
  EXPECT_EQ(names.unique("p99", "step"), "p99-2");  // a word of the language of checks
  EXPECT_EQ(names.unique(std::string(500, 'a'), "step").size(), 48U);
}

TEST(Starter, ValidatesAsItStandsAndForAnyUrl) {
  for (const char* url :
       {"http://127.0.0.1:8080", "http://shop.example/a/b?c='\"{{x}}", "[::1]:99"}) {
    const auto plan = loaded(valid(starter({.url = url})));
    ASSERT_NE(plan, nullptr) << url;
    EXPECT_EQ(plan->steps.size(), 1U);
  }
  EXPECT_FALSE(starter({.url = "ftp://x"}).has_value());
}

// The commented faults, oracle and checks of a plan hold what they say when the marks go.
TEST(Starter, WhatItTeachesLoadsToo) {
  std::string text = valid(starter({}));
  const auto uncomment = [&](std::string_view from, std::string_view to) {
    const std::size_t begin = text.find(from);
    const std::size_t end = text.find(to, begin);
    ASSERT_NE(end, std::string::npos) << from;
    std::string part = text.substr(begin, end - begin);
    for (std::size_t at = part.find("# "); at != std::string::npos; at = part.find("\n# ", at)) {
      part.erase(part[at] == '\n' ? at + 1 : at, 2);
    }
    text.replace(begin, end - begin, part);
  };
  uncomment("# [[fault]]                  # the request", "#\n# A step that");
  uncomment("# [[effects.oracle]]", "#\n# Then these");
  text.replace(text.find("  expect ="), 0,
               "  headers = { Idempotency-Key = \"{{key}}\" }\n  effect = \"{{key}}\"\n");
  text.replace(text.find("  \"error_rate < 1%\""), 0, "  \"duplicate_effects == 0\",\n");
  const auto plan = loaded(text);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->faults.size(), 2U);
  EXPECT_EQ(plan->effects.oracles.size(), 1U);
}

}  // namespace
}  // namespace squall::import
