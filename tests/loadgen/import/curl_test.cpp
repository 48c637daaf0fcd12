// curl commands to plans that load, and what the plans would send.
#include "loadgen/import/curl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/import/import_case.hpp"

namespace squall::import {
namespace {

using testing::HasSubstr;

Result<GeneratedPlan> curl(std::string_view command, ImportOptions options = {}) {
  options.file = "--from-curl";
  return plan_from(Source::kCurl, command, options);
}

struct Request {
  std::string line;
  std::map<std::string, std::string> headers;
  std::string body;
};

// Of the nth step: what it would send, variables as "env-NAME".
Request request_of(const Result<GeneratedPlan>& plan, std::size_t step = 0) {
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : to_string(plan.error()));
  const auto ready = plan ? loaded(plan->text) : nullptr;
  if (ready == nullptr || ready->steps.size() <= step) {
    ADD_FAILURE() << "no step " << step;
    return {};
  }
  const model::RequestSpec& spec = ready->steps[step].request;
  Request request;
  const auto render = [](const expr::Template& text) {
    std::string out;
    text.render({.key = "KEY"}, out);
    return out;
  };
  request.line = spec.method + " " + render(spec.path);
  for (const model::Target& target : ready->targets) {
    for (const auto& [name, value] : target.headers) {
      request.headers[name] = render(value);
    }
  }
  for (const auto& [name, value] : spec.headers) {
    request.headers[name] = render(value);
  }
  request.body = spec.body ? render(*spec.body) : "";
  return request;
}

TEST(CurlImport, ACommandOfABrowser) {
  const auto plan = curl(R"(curl 'http://shop.example:8080/cart/items?q=a b' \
    -X POST \
    -H 'accept: application/json' -H 'authorization: Bearer s3cr3t' -H 'host: shop.example:8080' \
    -H 'content-type: application/json' -H 'content-length: 14' -b 'sid=abc; theme=dark' \
    --data-raw '{"item":"x","n":2}' --compressed -s)");
  const Request request = request_of(plan);
  EXPECT_EQ(request.line, "POST /cart/items?q=a%20b");
  EXPECT_EQ(request.headers.at("accept"), "application/json");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer env-TOKEN");
  EXPECT_EQ(request.headers.at("Cookie"), "env-COOKIE");
  EXPECT_EQ(request.headers.at("Accept-Encoding"), "gzip, deflate, br");
  EXPECT_EQ(request.headers.count("host"), 0U);
  EXPECT_EQ(request.headers.count("content-length"), 0U);
  EXPECT_EQ(request.body, R"({"item":"x","n":2})");
  EXPECT_FALSE(contains(plan->text, "s3cr3t"));
  EXPECT_FALSE(contains(plan->text, "sid=abc"));
  EXPECT_TRUE(contains(plan->text, "urls = [\"http://shop.example:8080\"]"));
  EXPECT_TRUE(contains(plan->text, "export TOKEN='…'"));
  EXPECT_EQ(plan->secrets.size(), 2U);
}

struct Case {
  std::string_view options;
  std::string_view line;
  std::string_view content_type;
  std::string_view body;
};

TEST(CurlImport, MethodsAndBodies) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  const Case cases[]{
      {"", "GET /p", "", ""},
      {"-d a=1 -d b=2", "POST /p", kForm, "a=1&b=2"},
      {"-da=1", "POST /p", kForm, "a=1"},
      {"-X put -d a", "PUT /p", kForm, "a"},
      {"-sSXDELETE", "DELETE /p", "", ""},
      {"-I", "HEAD /p", "", ""},
      {"-G -d a=1 --data-urlencode 'q=x y&z'", "GET /p?a=1&q=x%20y%26z", "", ""},
      {"--data-urlencode '=a b'", "POST /p", kForm, "a%20b"},
      {"--data-urlencode 'a b'", "POST /p", kForm, "a%20b"},
      {"--data-raw '@x'", "POST /p", kForm, "@x"},
      {"--data-binary $'a\\nb'", "POST /p", kForm, "a\nb"},
      {"--json '{\"a\": [1, null]}'", "POST /p", "application/json", "{\"a\": [1, null]}"},
      {"-d x -H 'Content-Type: text/plain'", "POST /p", "text/plain", "x"},
      {"-d x -H 'Content-Type:'", "POST /p", "", "x"},
      {"--url-query 'a=b c'", "GET /p?a=b%20c", "", ""},
      {"--request-target /other", "GET /other", "", ""},
  };
  for (const Case& one : cases) {
    const Request request = request_of(curl("curl http://h/p " + std::string(one.options)));
    EXPECT_EQ(request.line, one.line) << one.options;
    const auto type = request.headers.find("Content-Type");
    EXPECT_EQ(type == request.headers.end() ? "" : type->second, one.content_type) << one.options;
    EXPECT_EQ(request.body, one.body) << one.options;
  }
}

TEST(CurlImport, CredentialsBecomeVariables) {
  EXPECT_EQ(request_of(curl("curl -u alice:pw http://h/")).headers.at("Authorization"),
            "Basic env-BASIC_AUTH");
  EXPECT_EQ(request_of(curl("curl http://alice:pw@h/")).headers.at("Authorization"),
            "Basic env-BASIC_AUTH");
  EXPECT_EQ(request_of(curl("curl --oauth2-bearer t http://h/")).headers.at("Authorization"),
            "Bearer env-TOKEN");
  EXPECT_EQ(request_of(curl("curl 'http://h/?api_key=k&a=1'")).line,
            "GET /?api_key=env-API_KEY&a=1");
  EXPECT_EQ(request_of(curl(R"(curl --json '{"user":"a","password":"p"}' http://h/)")).body,
            R"({"user":"a","password":"env-PASSWORD"})");
  EXPECT_EQ(request_of(curl("curl -d 'user=a&password=p' http://h/")).body,
            "user=a&password=env-PASSWORD");
  // Schemes that do not send user and password as they are.
  for (const char* scheme : {"--digest", "--ntlm", "--negotiate", "--aws-sigv4 aws:amz:us:s3"}) {
    const auto other = curl("curl " + std::string(scheme) + " -u alice:pw http://h/");
    EXPECT_EQ(request_of(other).headers.count("Authorization"), 0U) << scheme;
    EXPECT_THAT(notes_of(other), HasSubstr("LEFT OUT")) << scheme;
  }
  const auto kept = curl("curl -u alice:pw http://h/", {.secrets = SecretPolicy::kKeep});
  EXPECT_EQ(request_of(kept).headers.at("Authorization"), "Basic YWxpY2U6cHc=");
  EXPECT_TRUE(kept->secrets.empty());
}

TEST(CurlImport, VariablesOfTheCommandStayVariables) {
  const auto plan =
      curl(R"(curl -H "Authorization: Bearer $API_TOKEN" "http://h/users/$ID?x=${X}" -d "n=$N")");
  const Request request = request_of(plan);
  EXPECT_EQ(request.line, "POST /users/env-ID?x=env-X");
  EXPECT_EQ(request.headers.at("Authorization"), "Bearer env-API_TOKEN");
  EXPECT_EQ(request.body, "n=env-N");
}

TEST(CurlImport, TextThatLooksLikeASecretIsSentAsItIs) {
  const auto plan = curl(
      R"(curl -H 'X-A: ${env:HOME}' -H 'X-B: }} {' -d '{"a":"${env:HOME} {{key}}"}' 'http://h/${env:HOME}/{{key}}')");
  const Request request = request_of(plan);
  EXPECT_EQ(request.headers.at("X-A"), "${env:HOME}");
  EXPECT_EQ(request.headers.at("X-B"), "}} {");
  EXPECT_EQ(request.body, R"({"a":"${env:HOME} {{key}}"})");
  EXPECT_EQ(request.line, "POST /%24{env:HOME}/%7B{key}}");
}

TEST(CurlImport, WhatAPlanCannotHoldIsNamed) {
  const auto plan = curl(
      "curl -d @body.json -F f=@x -b jar.txt --limit-rate 1k -L http://h/ | jq "
      ".");
  valid(plan);
  const std::string notes = notes_of(plan);
  for (const char* part : {"jar.txt", "--limit-rate", "jq ."}) {
    EXPECT_THAT(notes, HasSubstr(part));
  }
  EXPECT_THAT(notes_of(curl("curl -d @body.json http://h/")), HasSubstr("body.json"));
}

TEST(CurlImport, SeveralCommandsAndTargets) {
  const auto plan =
      curl("curl http://a.example/x; curl http://b.example/x --next -d 1 http://a.example/y &\nls",
           {.url = "http://127.0.0.1:8080/base/"});
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  ASSERT_EQ(ready->steps.size(), 3U);
  EXPECT_EQ(ready->targets.size(), 2U);
  EXPECT_EQ(ready->targets[0].replicas.front().url(), "http://127.0.0.1:8080/base");
  EXPECT_EQ(ready->steps[1].target, 1U);
  EXPECT_EQ(ready->steps[2].target, 0U);
  EXPECT_THAT(notes_of(plan), HasSubstr("ls"));
}

TEST(CurlImport, AMultipartFormIsSentAsOne) {
  const Request request =
      request_of(curl("curl -F a=1 -F 'b=<x>;type=text/html' --form-string c=@d http://h/"));
  const std::string& type = request.headers.at("Content-Type");
  const std::string boundary = type.substr(type.find('=') + 1);
  EXPECT_EQ(request.body,
            "--" + boundary + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--" +
                boundary + "\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n@d\r\n--" +
                boundary + "--\r\n");
}

TEST(CurlImport, ARecordedIdempotencyKeyIsNotReplayed) {
  EXPECT_EQ(
      request_of(curl("curl -H 'Idempotency-Key: 1' -d x http://h/")).headers.at("Idempotency-Key"),
      "KEY");
}

TEST(CurlImport, SaysWhereACommandIsWrong) {
  struct Wrong {
    std::string_view command;
    std::string_view message;
  };
  const Wrong cases[]{
      {"curl --hedaer x http://h/",
       "1:6: --hedaer is no option of curl that squall knows; did "
       "you mean --header?"},
      {"curl -\xc2\xa7 http://h/", "is no option of curl"},
      {"curl http://h/ -H", "-H needs a value"},
      {"curl -s", "the command has no URL"},
      {"wget http://h/", "there is no curl command"},
      {"", "there is no curl command"},
      {"curl ftp://h/", "neither http nor https"},
      {"curl http://h:99999/", "no valid host and port"},
      {"curl \"http://$HOST/\"", "write scheme and host out"},
      {"curl -X 'A B' http://h/", "is no HTTP method"},
      {"curl ^\"http://h/^\"", "cURL (bash)"},
  };
  for (const Wrong& one : cases) {
    const auto plan = curl(one.command);
    ASSERT_FALSE(plan.has_value()) << one.command;
    EXPECT_THAT(to_string(plan.error()), HasSubstr(std::string(one.message))) << one.command;
  }
}

TEST(CurlImport, OptionsOfTheConnection) {
  const auto plan = curl("curl -k -x http://u:s3cr3t@proxy:3128 --cacert ca.pem https://h/");
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_THAT(plan->text, HasSubstr("tls = { insecure = true }"));
  EXPECT_THAT(plan->text, ::testing::Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(notes_of(plan), HasSubstr("curl's --proxy"));
  EXPECT_THAT(notes_of(plan), HasSubstr("curl's --cacert: name the file"));
  EXPECT_THAT(valid(curl("curl --http2 -L https://h/")), HasSubstr("http = \"2\"\nredirects = 10"));
  EXPECT_THAT(valid(curl("curl --http2-prior-knowledge http://h/")),
              HasSubstr("http = \"2-prior-knowledge\""));
  EXPECT_THAT(notes_of(curl("curl --http2 http://h/")), HasSubstr("--http2: HTTP/2 is agreed on"));
  EXPECT_THAT(valid(curl("curl -k http://h/")), ::testing::Not(HasSubstr("insecure")));
}

TEST(CurlImport, TimeoutsGoToStepAndTarget) {
  const auto plan = loaded(valid(curl("curl -m 2.5 --connect-timeout 1 http://h/")));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->steps[0].timeout, std::chrono::milliseconds(2500));
  EXPECT_EQ(plan->targets[0].connect_timeout, std::chrono::seconds(1));
}

TEST(CurlImport, SaysThatOneUrlStandsForSeveral) {
  for (const char* url : {"http://h/[1-3]", "http://h/{a,b}", "http://[::1]/[a-c]"}) {
    EXPECT_THAT(notes_of(curl("curl '" + std::string(url) + "'")), HasSubstr("the further URLs"));
    EXPECT_EQ(notes_of(curl("curl -g '" + std::string(url) + "'")), "");
  }
  EXPECT_EQ(notes_of(curl("curl 'http://[::1]/a'")), "");
}

}  // namespace
}  // namespace squall::import
