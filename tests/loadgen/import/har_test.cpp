// Recordings of browsers to plans that load.
#include "loadgen/import/har.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/import/import_case.hpp"
#include "tests/paths.hpp"
#include "tests/support/files.hpp"

namespace squall::import {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result<GeneratedPlan> har(std::string_view text, ImportOptions options = {}) {
  options.file = "visit.har";
  return plan_from(Source::kHar, text, options);
}

struct Recorded {
  std::string url;
  std::string start = "10:00:00.000";
  std::string method = "GET";
  std::string headers = "";
  std::string more_of_request = "";
  int status = 200;
  std::string type = "document";
  int took_ms = 100;
  std::string cookies_set = "";
  std::string answer = "";  // as it stands in JSON
  std::string version = "http/1.1";
};

std::string entry(const Recorded& one) {
  return R"({"startedDateTime": "2026-01-02T)" + one.start + R"(Z", "time": )" +
         std::to_string(one.took_ms) + R"(, "pageref": "p1", "_resourceType": ")" + one.type +
         R"(", "request": {"method": ")" + one.method + R"(", "url": ")" + one.url +
         R"(", "httpVersion": ")" + one.version + R"(", "headers": [)" + one.headers + "]" +
         one.more_of_request + R"(}, "response": {"status": )" + std::to_string(one.status) +
         R"(, "cookies": [)" + one.cookies_set +
         R"(], "content": {"mimeType": "text/html", "text": ")" + one.answer + R"("}}})";
}

std::string recording(const std::vector<Recorded>& all) {
  std::string entries;
  for (const Recorded& one : all) {
    entries += (entries.empty() ? "" : ",\n") + entry(one);
  }
  return R"({"log": {"version": "1.2", "pages": [{"id": "p1", "title": "The \u001b[31m shop"}],
    "entries": [)" +
         entries + "]}}";
}

std::vector<std::string> lines(const model::Plan& plan) {
  std::vector<std::string> all;
  for (const model::Step& step : plan.steps) {
    all.push_back(step.request.method + " " + step.request.path.source());
  }
  return all;
}

TEST(HarImport, RequestsInOrderOfTimeWithTheirPauses) {
  const auto plan = har(recording({
      {.url = "http://shop.example/b", .start = "10:00:03.500"},
      {.url = "http://shop.example/a#frag", .start = "10:00:00.000"},
      {.url = "http://shop.example/a.js",
       .start = "10:00:00.050",
       .type = "script",
       .took_ms = 450},
      {.url = "http://shop.example/a.css", .start = "10:00:00.060", .type = "stylesheet"},
      {.url = "http://shop.example/c", .start = "10:00:03.650"},
  }));
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_THAT(lines(*ready),
              testing::ElementsAre("GET /a", "GET /a.js", "GET /a.css", "GET /b", "GET /c"));
  EXPECT_THAT(plan->text, HasSubstr("name = \"get-b\"\n  request = \"GET /b\"\n  think = \"3s\""));
  EXPECT_THAT(plan->text, Not(HasSubstr("think = \"50")));
  EXPECT_THAT(plan->text, HasSubstr("# Page: The \\x1b[31m shop"));
}

TEST(HarImport, FiltersByHostAndType) {
  const std::string text = recording({
      {.url = "http://shop.example/", .type = "document"},
      {.url = "http://shop.example/a.png", .type = "image"},
      {.url = "http://shop.example/api", .type = "xhr"},
      {.url = "http://cdn.example/x.js", .type = "script"},
      {.url = "http://api.shop.example:8443/v", .type = "fetch"},
      {.url = "http://ads.example/t", .type = "ping"},
  });
  const auto requests = [&](std::vector<std::string> include, std::vector<std::string> exclude) {
    const auto plan =
        loaded(valid(har(text, {.include = std::move(include), .exclude = std::move(exclude)})));
    return plan == nullptr ? std::vector<std::string>{} : lines(*plan);
  };
  using testing::ElementsAre;
  EXPECT_THAT(requests({}, {}), ElementsAre("GET /", "GET /a.png", "GET /api"));
  EXPECT_THAT(requests({}, {"static"}), ElementsAre("GET /", "GET /api"));
  EXPECT_THAT(requests({"fetch"}, {}), ElementsAre("GET /api"));
  EXPECT_THAT(requests({"fetch", "*.shop.example"}, {}), ElementsAre("GET /api", "GET /v"));
  EXPECT_THAT(requests({"cdn.example", "ads.example"}, {"ads.example"}),
              ElementsAre("GET /", "GET /a.png", "GET /api", "GET /x.js"));
  EXPECT_THAT(notes_of(har(text)), HasSubstr("to other hosts (--include HOST takes them): 3,"));
  EXPECT_THAT(har(text, {.include = {"scrpit"}}).error().message,
              HasSubstr("did you mean \"script\"?"));
  EXPECT_THAT(har(text, {.exclude = {"shop.example"}}).error().message,
              HasSubstr("no request of the recording is left"));
}

TEST(HarImport, HeadersThatAllRequestsShareStandAtTheTarget) {
  const std::string agent = R"({"name": "User-Agent", "value": "Browser/1"})";
  const auto plan = har(recording({
      {.url = "http://h/a", .headers = agent + R"(, {"name": ":authority", "value": "h"},
         {"name": "Host", "value": "h"}, {"name": "Connection", "value": "keep-alive"},
         {"name": "If-None-Match", "value": "\"x\""}, {"name": "Accept", "value": "text/html"})"},
      {.url = "http://h/b", .headers = agent + R"(, {"name": "Accept", "value": "*/*"})"},
  }));
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  ASSERT_EQ(ready->targets[0].headers.size(), 1U);
  EXPECT_EQ(ready->targets[0].headers[0].first, "User-Agent");
  ASSERT_EQ(ready->steps[0].request.headers.size(), 1U);
  EXPECT_EQ(ready->steps[0].request.headers[0].first, "Accept");
}

TEST(HarImport, FormsAndCredentials) {
  const auto plan = har(recording({
      {.url = "http://h/login",
       .method = "POST",
       .headers = R"({"name": "Content-Type", "value": "application/x-www-form-urlencoded"})",
       .more_of_request = R"(, "postData": {"mimeType": "application/x-www-form-urlencoded",
         "params": [{"name": "user", "value": "a b"}, {"name": "password", "value": "hunter2"}]})",
       .status = 303,
       .cookies_set = R"({"name": "sid", "value": "s3cr3t"})"},
      {.url = "http://h/account",
       .start = "10:00:01.000",
       .headers = R"({"name": "Cookie", "value": "sid=s3cr3t"})",
       .more_of_request = R"(, "cookies": [{"name": "sid", "value": "s3cr3t"}])"},
  }));
  const std::string text = valid(plan);
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(text, HasSubstr("user=a%20b&password=${env:PASSWORD}"));
  EXPECT_THAT(text, Not(HasSubstr("Cookie =")));
  EXPECT_THAT(text, HasSubstr("The cookie sid was set by the answer of post-login"));
  EXPECT_THAT(text, HasSubstr("cookies = true"));
  EXPECT_TRUE(loaded(text)->targets[0].curl.cookies);
  EXPECT_THAT(text, HasSubstr("expect = [\"status in 300..399\"]"));
}

TEST(HarImport, CookiesOfBeforeTheRecordingStayAndNoJarIsKeptForThem) {
  const auto plan = har(recording({
      {.url = "http://h/", .headers = R"({"name": "Cookie", "value": "lang=0123456789"})"},
      {.url = "http://h/b", .start = "10:00:01.000"},
  }));
  const std::string text = valid(plan);
  EXPECT_THAT(text, HasSubstr("Cookie = \"${env:COOKIE}\""));
  EXPECT_THAT(text, Not(HasSubstr("cookies = true")));
}

TEST(HarImport, WhatTheBrowserAskedForAtOnceIsAGroup) {
  std::vector<Recorded> all{{.url = "http://h/", .start = "10:00:00.000", .took_ms = 150}};
  for (int i = 0; i < 8; ++i) {
    all.push_back({.url = "http://h/img" + std::to_string(i),
                   .start = "10:00:00.10" + std::to_string(i),
                   .type = "image",
                   .took_ms = 60});
  }
  // It began when img0 had its answer, so it may be an answer to it.
  all.push_back({.url = "http://h/api", .start = "10:00:00.161", .type = "fetch"});
  all.push_back({.url = "http://h/next", .start = "10:00:05.000"});
  const auto plan = har(recording(all));
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_EQ(ready->steps.size(), 11U);
  using Kind = model::FlowInstruction::Kind;
  std::vector<model::FlowInstruction> forks;
  for (const model::FlowInstruction& one : ready->scenarios[0].program.code) {
    if (one.kind == Kind::kParallel) {
      forks.push_back(one);
    }
  }
  ASSERT_EQ(forks.size(), 1U) << plan->text;
  EXPECT_EQ(forks[0].low, 8U);
  EXPECT_EQ(forks[0].high, 6U) << "connections of a browser";
  EXPECT_THAT(plan->text, HasSubstr("  [[scenario.step]]\n  parallel = true\n  at_once = 6\n\n"
                                    "    [[scenario.step.step]]\n    name = \"get-img0\""));
  EXPECT_THAT(plan->text, HasSubstr("\n  [[scenario.step]]\n  name = \"get-api\""));
  for (Recorded& one : all) {
    one.version = "h2";
  }
  EXPECT_THAT(valid(har(recording(all))), Not(HasSubstr("at_once")));
}

TEST(HarImport, TheNextPageIsInNoGroupOfTheLast) {
  auto text = recording({{.url = "http://h/a", .type = "fetch", .took_ms = 5000},
                         {.url = "http://h/b", .start = "10:00:01.000", .type = "fetch"}});
  EXPECT_THAT(valid(har(text)), HasSubstr("parallel = true"));
  text.replace(text.rfind("\"p1\""), 4, "\"p2\"");
  EXPECT_THAT(valid(har(text)), Not(HasSubstr("parallel = true")));
}

constexpr const char* kToken = "tok_4f9dA2b7";

TEST(HarImport, ValuesOfJsonAnswersAreExtractedWhereTheyAreSent) {
  const std::string token = kToken;
  const std::string answer = R"({\"user\": {\"csrf/token\": \")" + token +
                             R"(\", \"ids\": [\"order-00017\", \"x\"], \"name\": \"annabelle7\"}})";
  const auto plan = har(recording({
      {.url = "http://h/session?name=annabelle7", .type = "fetch", .answer = answer},
      {.url = "http://h/orders/order-00017?t=" + token,
       .start = "10:00:01.000",
       .method = "POST",
       .headers = R"({"name": "X-CSRF-Token", "value": ")" + token +
                  R"("}, {"name": "Authorization", "value": "Bearer )" + token + R"("})",
       .more_of_request = R"(, "postData": {"mimeType": "application/json", "text": "{\"a\": \")" +
                          token +
                          R"(\", \"password\": \"hunter2hunter2\", \"name\": \"annabelle7\"}"})",
       .type = "fetch"},
      {.url = "http://h/form",
       .start = "10:00:02.000",
       .method = "POST",
       .headers = R"({"name": "Content-Type", "value": "application/x-www-form-urlencoded"})",
       .more_of_request = R"(, "postData": {"mimeType": "x", "text": "t=)" + token + R"(&o=1"})",
       .type = "fetch"},
  }));
  const std::string text = valid(plan);
  EXPECT_THAT(text, Not(HasSubstr(token)));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, HasSubstr("csrf-token = \"json /user/csrf~1token\""));
  EXPECT_THAT(text, HasSubstr("= \"json /user/ids/0\""));
  EXPECT_THAT(text, HasSubstr("?t={{csrf-token}}"));
  EXPECT_THAT(text, HasSubstr("X-CSRF-Token = \"{{csrf-token}}\""));
  EXPECT_THAT(text, HasSubstr("Authorization = \"Bearer {{csrf-token}}\""));
  EXPECT_THAT(text, HasSubstr("t={{csrf-token}}&o=1"));
  EXPECT_THAT(text, HasSubstr("request = \"POST /orders/{{ids}}?t="));
  EXPECT_THAT(text, HasSubstr("annabelle7")) << "the visitor typed it";
  const auto ready = loaded(text);
  ASSERT_EQ(ready->steps[0].extract.size(), 2U);
}

TEST(HarImport, AValueOfAPageIsAComment) {
  const auto plan = har(recording({
      {.url = "http://h/", .answer = "<input name=csrf value=0123456789abcdef0>"},
      {.url = "http://h/login?csrf=0123456789abcdef0", .start = "10:00:01.000", .method = "POST"},
  }));
  const std::string text = valid(plan);
  EXPECT_THAT(text, HasSubstr("A value of 17 characters that this request sends stands in the "
                              "answer of get,"));
  EXPECT_THAT(text, Not(HasSubstr("extract =")));
}

TEST(HarImport, AnAnswerThatWasStillUnderWayGaveNothing) {
  const std::string token = kToken;
  const auto plan = har(recording({
      {.url = "http://h/a",
       .type = "fetch",
       .took_ms = 2000,
       .answer = R"({\"t\": \")" + token + R"(\"})"},
      {.url = "http://h/b?t=" + token, .start = "10:00:01.000", .type = "fetch"},
  }));
  EXPECT_THAT(valid(plan), Not(HasSubstr("extract =")));
}

TEST(HarImport, WhatIsNoRequestOfAStepIsCounted) {
  const auto plan = har(recording({
      {.url = "http://h/"},
      {.url = "data:image/png;base64,xx"},
      {.url = "ws://h/socket"},
      {.url = "http://h/blocked", .status = 0},
      {.url = "http://h/x", .start = "25:00:00.000"},
      {.url = "http://h/x", .method = "CONNECT"},
      {.url = "http://h/missing", .start = "10:00:02.000", .status = 404},
  }));
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_THAT(lines(*ready), testing::ElementsAre("GET /", "GET /missing"));
  EXPECT_THAT(notes_of(plan), HasSubstr("requests that are none of a step: 4,"));
  EXPECT_THAT(notes_of(plan), HasSubstr("requests without an answer: 1,"));
  EXPECT_THAT(plan->text, HasSubstr("expect = [\"status == 404\"]"));
}

TEST(HarImport, ANulInARecordingIsNoVariable) {
  const auto plan = har(recording({
      {.url = "http://h/\\u0000HOME\\u0000",
       .method = "POST",
       .headers = R"({"name": "X-A", "value": "\u0000HOME\u0000"})",
       .more_of_request = R"(, "postData": {"text": "\u0000HOME\u0000 ${env:HOME}"})"},
  }));
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_TRUE(ready->secrets.empty());
  EXPECT_EQ(ready->steps[0].request.path.source(), "/%00HOME%00");
  EXPECT_TRUE(ready->steps[0].request.headers.empty());
  EXPECT_EQ(ready->steps[0].request.body->source(), std::string("\0HOME\0 ${env:HOME}", 18));
}

TEST(HarImport, CredentialsAreFoundWhereverTheyTravel) {
  const std::string form =
      R"({"name": "Content-Type", "value": "multipart/form-data; boundary=XX"})";
  const auto plan = har(recording({
      {.url = "http://h/?X-Amz-Signature=s3cret1&page=2",
       .headers = R"({"name": "Referer", "value": "http://h/a?token=s3cret2&b=c"},
                     {"name": "X-Auth-Key", "value": "s3cret3"},
                     {"name": "Ocp-Apim-Subscription-Key", "value": "s3cret4"})"},
      {.url = "http://h/form",
       .method = "POST",
       .more_of_request = R"(, "postData": {"mimeType": "application/x-www-form-urlencoded",
                               "text": "password=s3cret5&x=1"})"},
      {.url = "http://h/parts",
       .method = "POST",
       .headers = form,
       .more_of_request =
           R"(, "postData": {"mimeType": "multipart/form-data; boundary=XX", "text": "--XX\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\ns3cret6\r\n--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--XX--\r\n"})"},
  }));
  const std::string text = valid(plan);
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  EXPECT_THAT(text, HasSubstr("X-Amz-Signature=${env:AMZ_SIGNATURE}&page=2"));
  EXPECT_THAT(text, HasSubstr("Referer = \"http://h/a?token=${env:TOKEN}&b=c\""));
  const auto ready = loaded(text);
  ASSERT_NE(ready, nullptr);
  // The recording names the type beside the body only.
  ASSERT_EQ(ready->steps[1].request.headers.size(), 1U);
  EXPECT_EQ(ready->steps[1].request.headers[0].first, "Content-Type");
  EXPECT_EQ(ready->steps[2].request.body->source(),
            "--XX\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n"
            "env-PASSWORD_2\r\n--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n"
            "hello\r\n--XX--\r\n");
}

// Recorded by tests/fixtures/record_har.py: a page with its parts, a log-in, an account, a call.
TEST(HarImport, ARecordingOfARealBrowser) {
  const std::string file = std::string(SQUALL_SOURCE_DIR) + "/tests/fixtures/visit.har";
  const auto plan = har(test::read_file(file));
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_THAT(lines(*ready),
              testing::ElementsAre("GET /", "GET /style.css", "GET /app.js", "GET /logo.svg",
                                   "GET /api/items?page=1", "GET /favicon.ico", "POST /login",
                                   "GET /account", "GET /style.css", "GET /app.js",
                                   "GET /api/items?page=1", "POST /api/cart"));
  const auto& steps = ready->steps;
  EXPECT_THAT(plan->text, HasSubstr("password=${env:PASSWORD}"));
  EXPECT_THAT(plan->text, Not(HasSubstr("correct")));
  EXPECT_THAT(plan->text, Not(HasSubstr("b1946ac9")));
  EXPECT_THAT(plan->text, HasSubstr("The cookie session was set by the answer of post-login"));
  EXPECT_THAT(plan->text, HasSubstr("json = { item = \"i-1\", count = 2 }"));
  EXPECT_THAT(plan->text, HasSubstr("Idempotency-Key = \"{{key}}\""));
  EXPECT_THAT(plan->text, HasSubstr("think = \"1.")) << "the visitor read the page";
  EXPECT_EQ(steps[6].expect.size(), 1U);
  const auto api = loaded(valid(har(test::read_file(file), {.exclude = {"static", "other"}})));
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(api->steps.size(), 6U);
}

TEST(HarImport, SaysWhatItCannotRead) {
  struct Wrong {
    std::string_view text;
    std::string_view message;
  };
  const Wrong cases[]{
      {"", "visit.har:1:1: this is no JSON"},
      {"{\n}", "visit.har:1:1: this is no HAR recording: it has no \"log\""},
      {"{\n\"log\": {\"entries\": 5}}",
       "visit.har:2:8: this is no HAR recording: \"log\" has no list"},
      {R"({"log": {"entries": []}})", "no request of the recording is left"},
      {R"({"log": {"entries": [{}, 5, null]}})", "requests that are none of a step: 3,"},
  };
  for (const Wrong& one : cases) {
    const auto plan = har(one.text);
    ASSERT_FALSE(plan.has_value()) << one.text;
    EXPECT_THAT(to_string(plan.error()), HasSubstr(std::string(one.message))) << one.text;
  }
}

TEST(HarImport, MoreRequestsThanAPlanTakes) {
  std::vector<Recorded> all(2001, {.url = "http://h/a"});
  EXPECT_THAT(har(recording(all)).error().message, HasSubstr("--exclude static"));
  all.pop_back();
  EXPECT_EQ(loaded(valid(har(recording(all))))->steps.size(), 2000U);
}

}  // namespace
}  // namespace squall::import
