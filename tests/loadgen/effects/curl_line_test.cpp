#include "loadgen/effects/curl_line.hpp"

#include <gtest/gtest.h>

#include "loadgen/effects/command.hpp"
#include "loadgen/net/http_server.hpp"
#include "tests/loadgen/effects/accounting_case.hpp"

namespace squall::effects {
namespace {

std::optional<std::string> environment(const std::string& name) {
  return name == "TOKEN" ? std::optional<std::string>("t0p'secret") : std::nullopt;
}

const WallTime kNow(std::chrono::seconds(1'700'000'000));

TEST(CurlLine, RepeatsTheRequest) {
  const model::Plan plan = payment_plan();
  const SecretNames secrets = secret_names(plan, environment);
  const std::string line = curl_lines(plan, plan.steps[1], {.arrival = 12, .now = kNow}, secrets);
  const std::string key = model::make_key(plan, plan.steps[1], 12);
  EXPECT_EQ(line,
            "curl -sS -i http://127.0.0.1:8080/v1/payments"
            " -H 'Authorization: Bearer '\"$TOKEN\""
            " -H 'Idempotency-Key: " +
                key +
                "'"
                " -H 'x-team;'"
                " -H 'Date: Tue, 14 Nov 2023 22:13:20 GMT'"
                " -H 'Content-Type: application/json'"
                " --data-binary '{\"order\":12,\"session\":\"<session>\"}'");
  EXPECT_EQ(curl_lines(plan, plan.steps[0], {.arrival = 3, .now = kNow}, {}).substr(0, 51),
            "curl -sS -i 'http://127.0.0.1:8080/v1/items?page=3'");
}

TEST(CurlLine, SpeaksTlsAsTheTargetDoes) {
  model::Plan plan = payment_plan();
  plan.targets[0].replicas[0].scheme = "https";
  plan.targets[0].tls = TlsSettings{.ca_file = "my ca.pem", .min_version = TlsVersion::k13};
  const std::string line = curl_lines(plan, plan.steps[0], {.arrival = 3, .now = kNow}, {});
  EXPECT_TRUE(
      line.starts_with("curl -sS -i --tlsv1.3 --cacert 'my ca.pem' "
                       "'https://127.0.0.1:8080/v1/items?page=3'"))
      << line;
  plan.targets[0].tls = TlsSettings{.server_name = "shop.example", .insecure = true};
  EXPECT_TRUE(curl_lines(plan, plan.steps[0], {.arrival = 3, .now = kNow}, {})
                  .starts_with("curl -sS -i --insecure --connect-to ::127.0.0.1:8080 -H "
                               "'Host: 127.0.0.1:8080' "
                               "'https://shop.example:8080/v1/items?page=3'"));
}

TEST(CurlLine, GoesTheTargetsWay) {
  model::Plan plan = payment_plan();
  model::CurlSettings& curl = plan.targets[0].curl;
  const auto line = [&] {
    const SecretNames secrets = secret_names(plan, environment);
    const std::string all = curl_lines(plan, plan.steps[0], {.arrival = 3, .now = kNow}, secrets);
    return all.substr(0, all.find(" 'http://127.0.0.1:8080/"));
  };
  curl.unix_socket = "/run/shop socket";
  curl.http = HttpVersion::k2PriorKnowledge;
  EXPECT_EQ(line(), "curl -sS -i --http2-prior-knowledge --unix-socket '/run/shop socket'");
  curl = {};
  curl.proxy = "http://bob:hidden@127.0.0.1:3128";
  curl.auth.kind = AuthKind::kDigest;
  curl.auth.user = "alice";
  curl.auth.password = "t0p'secret";
  EXPECT_EQ(line(),
            "curl -sS -i --proxy 'http://bob:***@127.0.0.1:3128' --digest --user "
            "alice:\"$TOKEN\"");
  curl = {};
  curl.connect_to = {"a:80:127.0.0.1:8080"};
  curl.resolve = {"b:80:127.0.0.1"};
  curl.auth.kind = AuthKind::kBearer;
  curl.auth.token = "written in the plan";
  EXPECT_EQ(line(),
            "curl -sS -i --connect-to a:80:127.0.0.1:8080 --resolve b:80:127.0.0.1 "
            "--oauth2-bearer '***'");
  curl = {};
  curl.auth.kind = AuthKind::kAwsSigv4;
  curl.auth.user = "A";
  curl.auth.password = "t0p'secret";
  curl.auth.region = "r";
  curl.auth.service = "s";
  EXPECT_EQ(line(), "curl -sS -i --aws-sigv4 aws:amz:r:s --user A:\"$TOKEN\"");
}

TEST(CurlLine, ACallersHeadersReplaceTheTargets) {
  model::Plan plan = payment_plan();
  model::Caller bob{.name = "bob", .headers = {}};
  bob.headers.emplace_back("authorization", expr::Template::parse("Bearer b", {}).value());
  plan.callers.push_back(bob);
  const std::string line =
      curl_lines(plan, plan.steps[1], {.arrival = 12, .caller = "bob", .now = kNow}, {});
  EXPECT_NE(line.find(" -H 'authorization: Bearer b'"), std::string::npos) << line;
  EXPECT_EQ(line.find("Authorization"), std::string::npos) << line;
}

TEST(CurlLine, RepeatsALaterVisitUnderItsKey) {
  const model::Plan plan = payment_plan();
  const std::string line =
      curl_lines(plan, plan.steps[1], {.arrival = 12, .visit = 2, .now = kNow}, {});
  EXPECT_NE(line.find(model::make_key(plan, plan.steps[1], {12, 2})), std::string::npos) << line;
}

TEST(CurlLine, SendsCopiesTogether) {
  const model::Plan plan = payment_plan();
  const std::string lines =
      curl_lines(plan, plan.steps[1], {.arrival = 1, .now = kNow, .sent = 3}, {});
  EXPECT_TRUE(lines.starts_with("for n in 1 2 3; do\n  curl "));
  EXPECT_TRUE(lines.ends_with(" &\ndone; wait"));
  const std::string many =
      curl_lines(plan, plan.steps[1], {.arrival = 1, .now = kNow, .sent = 4'000'000'000}, {});
  EXPECT_LT(many.size(), 2000u);
}

TEST(CurlLine, SecretsWithoutANameAreStars) {
  model::Plan plan = payment_plan();
  plan.effective_text.clear();
  const std::string line =
      curl_lines(plan, plan.steps[1], {.arrival = 1, .now = kNow}, secret_names(plan, environment));
  EXPECT_NE(line.find("'Authorization: Bearer ***'"), std::string::npos) << line;
  EXPECT_EQ(line.find("secret"), std::string::npos);
}

TEST(CurlLine, TheLongestSecretIsHiddenWhole) {
  model::Plan plan;
  plan.secrets = {"abc", "abcdef", ""};
  plan.effective_text = "${env:SHORT} ${env:LONG} ${env:GONE} ${env:";
  const SecretNames secrets = secret_names(plan, [](const std::string& name) {
    return name == "SHORT"  ? std::optional<std::string>("abc")
           : name == "LONG" ? std::optional<std::string>("abcdef")
                            : std::nullopt;
  });
  EXPECT_EQ(quote_hiding_secrets("x abcdef abc", secrets), "'x '\"$LONG\"' '\"$SHORT\"");
  EXPECT_EQ(quote_hiding_secrets("", secrets), "''");
}

TEST(CurlLine, ASecretInsideJsonIsHiddenInItsEscapedForm) {
  model::Plan plan;
  plan.secrets = {"quo\"te"};
  EXPECT_EQ(quote_hiding_secrets(R"({"a":"quo\"te"})", secret_names(plan, nullptr)),
            R"('{"a":"***"}')");
}

// The proof that a shell and a server read it back as it was.
TEST(CurlLine, AShellUnderstandsIt) {
  net::ServerRequest seen;
  auto server = net::HttpServer::start({}, [&seen](const net::ServerRequest& request) {
    seen = request;
    net::ServerReply reply;
    reply.body = "welcome";
    return reply;
  });
  ASSERT_TRUE(server);
  model::Plan plan = payment_plan();
  plan.targets[0].replicas[0].port = (*server)->port();
  plan.steps[1].request.body = text("it's `rm -rf` $HOME \\ \"{{key}}\"\n");
  Command shell;
  shell.arguments = {"/bin/sh", "-c",
                     curl_lines(plan, plan.steps[1], {.arrival = 5, .now = kNow},
                                secret_names(plan, environment))};
  shell.environment = {{"TOKEN", "t0p'secret"}};
  const auto result = run_command(shell);
  ASSERT_TRUE(result) << to_string(result.error());
  if (result->exit_status == 127) {
    GTEST_SKIP() << "no curl program on this host";
  }
  EXPECT_NE(result->output.find("welcome"), std::string::npos) << result->errors;
  server->reset();
  const std::string key = model::make_key(plan, plan.steps[1], 5);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/v1/payments");
  EXPECT_EQ(seen.header("Authorization"), "Bearer t0p'secret");
  EXPECT_EQ(seen.header("Idempotency-Key"), key);
  EXPECT_EQ(seen.body, "it's `rm -rf` $HOME \\ \"" + key + "\"\n");
}

}  // namespace
}  // namespace squall::effects
