// `squall hit`: what a command line sends, and that it ends like a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/tls/identity.hpp"

namespace squall::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const HostileServer::Script kGood{HostileServer::read_request(),
                                  HostileServer::send(ok_answer("hi")), HostileServer::again()};

// How late the generator is on a busy machine is no matter of these tests.
ProcessResult hit(const TestDirectory& directory, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "hit");
  for (const char* limit : {"limits.lag_p99=10s", "limits.started=1%"}) {
    arguments.insert(arguments.end(), {"--set", limit});
  }
  return squall(directory, arguments);
}

model::RunRecord record_in(const TestDirectory& directory) {
  auto record = model::record_from_json(read_file(directory / "run/record.json"));
  EXPECT_TRUE(record.has_value());
  return record ? std::move(*record) : model::RunRecord{};
}

TEST(Hit, OpenModelSendsExactlyTheAskedNumber) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url("/a?b=1"), "--rate", "100/s", "-n", "50",
                                     "--no-preflight", "--out", directory / "run"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_EQ(server.requests(), 50U);
  EXPECT_THAT(server.request_texts().front(), HasSubstr("GET /a?b=1 HTTP/1.1\r\n"));
  EXPECT_EQ(record_in(directory).totals.started, 50U);
}

TEST(Hit, ClosedModelSendsExactlyTheAskedNumber) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url(""), "-n", "200", "-c", "5", "--no-preflight",
                                     "--out", directory / "run"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_EQ(server.requests(), 200U);
  EXPECT_LE(server.connections(), 5U);
}

TEST(Hit, WithoutAnyConditionIsDoneAndNotAPass) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
                        HostileServer::again()});
  const TestDirectory directory;
  const std::vector<std::string> arguments{server.url(""), "-n", "20", "-c", "1", "--no-preflight"};
  const auto ended = hit(directory, arguments);
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("nothing was required of this run; errors 100%"));
  EXPECT_THAT(ended.output, Not(HasSubstr("PASS")));
  EXPECT_THAT(ended.output, HasSubstr("until every iteration was done"));
  EXPECT_THAT(ended.output, Not(HasSubstr("24h")));
}

TEST(Hit, AQuietRunSaysWhyItIsNoPass) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url(""), "-n", "5", "-c", "1", "--no-preflight",
                                     "--require", "response p99 < 60s", "--quiet"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("inconclusive (exit 0)"));
  EXPECT_THAT(ended.output, HasSubstr("too few to tell a p99"));
}

TEST(Hit, BodyHeadersAndMethodAreSentAsTyped) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto body = directory.write("body.bin", std::string("a{{b}}\0c", 8));
  const auto ended =
      hit(directory, {server.url("/x"), "-m", "PUT", "-H", "X-Kind: test", "-d", "@" + body, "-r",
                      "20/s", "-n", "1", "--no-preflight", "--out", directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  ASSERT_EQ(server.requests(), 1U);
  const std::string request = server.request_texts().front();
  EXPECT_THAT(request, HasSubstr("PUT /x HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Kind: test\r\n"));
  EXPECT_TRUE(request.ends_with(std::string("\r\n\r\na{{b}}\0c", 12)));
}

TEST(Hit, JsonBodiesArePostedWithTheirType) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended =
      hit(directory, {server.url("/pay"), "--json", R"({"n": {{seq}}})", "-r", "20/s", "-n", "2",
                      "--no-preflight", "--out", directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  ASSERT_EQ(server.requests(), 2U);
  EXPECT_THAT(server.request_texts()[1], HasSubstr("POST /pay HTTP/1.1\r\n"));
  EXPECT_THAT(server.request_texts()[1], HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(server.request_texts()[1], HasSubstr("\r\n\r\n{\"n\": 1}"));
}

TEST(Hit, HeadersOfOneNameAreOneListAndATypeThatIsGivenStays) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url("/"),
                                     "--json",
                                     "{}",
                                     "-H",
                                     "content-type: text/x",
                                     "-H",
                                     "X-A: 1",
                                     "-H",
                                     "x-a: 2",
                                     "-H",
                                     "Cookie: a=1",
                                     "-H",
                                     "Cookie: b=2",
                                     "-r",
                                     "20/s",
                                     "-n",
                                     "1",
                                     "--no-preflight",
                                     "--out",
                                     directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  ASSERT_EQ(server.requests(), 1U);
  const std::string request = server.request_texts().front();
  EXPECT_THAT(request, HasSubstr("content-type: text/x\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("application/json")));
  EXPECT_THAT(request, HasSubstr("X-A: 1, 2\r\n"));
  EXPECT_THAT(request, HasSubstr("Cookie: a=1; b=2\r\n"));
}

TEST(Hit, ARampIsOpenWhateverTheConnections) {
  const TestDirectory directory;
  const auto saved = squall(
      directory, {"hit", "http://127.0.0.1:9/", "-c", "3", "--ramp", "5s", "--save-plan", "-"});
  EXPECT_EQ(saved.exit_code, 0) << saved.errors;
  EXPECT_TRUE(saved.output.starts_with("format = 1\n")) << saved.output;
  EXPECT_THAT(saved.output, HasSubstr("process = \"ramp\""));
  EXPECT_THAT(saved.output, HasSubstr("connections = 3\n"));
  EXPECT_THAT(saved.output, Not(HasSubstr("users")));
}

TEST(Hit, TargetListsTakeTurnsByWeight) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto list = directory.write("list.txt", "GET " + server.url("/one") + "\nX-A: 1\n\nPOST " +
                                                    server.url("/two") + "\n@body.txt\n");
  (void)directory.write("body.txt", "hello");
  const auto ended = hit(directory, {"--targets", list, "-r", "200/s", "-n", "200",
                                     "--no-preflight", "--out", directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_EQ(server.requests(), 200U);
  const auto requests = server.request_texts();
  const auto posts = std::count_if(requests.begin(), requests.end(), [](const std::string& text) {
    return text.starts_with("POST /two") && text.ends_with("\r\n\r\nhello");
  });
  EXPECT_GT(posts, 60);
  EXPECT_LT(posts, 140);
}

TEST(Hit, AListLongerThanAPlanHasScenariosIsSentInItsOrder) {
  HostileServer server(kGood);
  const TestDirectory directory;
  std::string list;
  for (int i = 0; i < 300; ++i) {
    list += "GET " + server.url("/item/" + std::to_string(i) + "?q=a%20\"b,c") + "\nX-Id: id " +
            std::to_string(i) + "\nX-Same: yes\n";
  }
  const auto ended = hit(directory, {"--targets", directory.write("list.txt", list), "-r", "600/s",
                                     "-n", "300", "--no-preflight", "--out", directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  std::vector<std::string> lines;
  for (const std::string& text : server.request_texts()) {
    lines.push_back(text.substr(0, text.find(" HTTP/")));
    const std::string number = text.substr(10, text.find('?') - 10);
    EXPECT_THAT(text, HasSubstr("\r\nX-Id: id " + number + "\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nX-Same: yes\r\n"));
    EXPECT_THAT(text, HasSubstr("?q=a%20%22b,c HTTP/1.1\r\n"));
  }
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines.size(), 300U);
  EXPECT_EQ(std::unique(lines.begin(), lines.end()), lines.end()) << "each of them once";
  const auto again = squall(directory, {"run", directory / "run/plan.toml", "--no-preflight",
                                        "--out", directory / "again"});
  EXPECT_EQ(again.exit_code, 0) << again.output << again.errors;
  EXPECT_EQ(server.requests(), 600U);
}

TEST(Hit, ALongListOfSeveralKindsKeepsThem) {
  HostileServer server(kGood);
  const TestDirectory directory;
  std::string list;
  for (int i = 0; i < 200; ++i) {
    list += "GET " + server.url("/get/" + std::to_string(i)) + "\n";
    list += "DELETE " + server.url("/gone") + "\n";
  }
  list += "GET " + server.url("/key/{{key}}") + "\n";
  const auto saved = hit(directory, {"--targets", directory.write("list.txt", list), "-r", "100/s",
                                     "-z", "1s", "--save-plan", directory / "plan.toml"});
  ASSERT_EQ(saved.exit_code, 0) << saved.output << saved.errors;
  EXPECT_THAT(read_file(directory / "hit-listed.csv"), HasSubstr("path\n\"get/0\"\n\"get/1\"\n"));
  const std::string plan = read_file(directory / "plan.toml");
  EXPECT_THAT(plan, HasSubstr("GET /{{listed.path}}"));
  EXPECT_THAT(plan, HasSubstr("DELETE /gone"));
  EXPECT_THAT(plan, HasSubstr("GET /key/{{key}}"));
  EXPECT_THAT(plan, HasSubstr("weight = 200"));
  const auto valid = squall(directory, {"validate", directory / "plan.toml"});
  EXPECT_EQ(valid.exit_code, 0) << valid.output << valid.errors;
}

TEST(Hit, CredentialsStandInNoFile) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended =
      hit(directory, {server.url("/?a=1&api_key=hunter2secret&b"), "-H",
                      "Authorization: Bearer hunter2secret", "-H", "X-Password: hunter2secret",
                      "-r", "20/s", "-n", "1", "--no-preflight", "--out", directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  const std::string request = server.request_texts().front();
  EXPECT_THAT(request, HasSubstr("GET /?a=1&api_key=hunter2secret&b HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: Bearer hunter2secret"));
  EXPECT_THAT(request, HasSubstr("X-Password: hunter2secret"));
  for (const char* file : {"run/record.json", "run/plan.toml", "run/summary.md"}) {
    EXPECT_THAT(read_file(directory / file), Not(HasSubstr("hunter2secret"))) << file;
  }
  EXPECT_THAT(ended.output, Not(HasSubstr("hunter2secret")));
}

TEST(Hit, ARequirementDecidesTheExitCode) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url(""), "-r", "100/s", "-n", "100", "--require",
                                     "response p50 < 1ns", "--out", directory / "run"});
  EXPECT_EQ(ended.exit_code, 1) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("response p50 < 1ns"));
}

TEST(Hit, SavedPlansRun) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto saved = hit(directory, {server.url("/s"), "-r", "50/s", "-z", "500ms", "--save-plan",
                                     directory / "plan.toml"});
  ASSERT_EQ(saved.exit_code, 0) << saved.output << saved.errors;
  EXPECT_EQ(server.requests(), 0U);
  const auto ended = squall(
      directory, {"run", directory / "plan.toml", "--no-preflight", "--out", directory / "run"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_EQ(server.requests(), 25U);
}

TEST(Hit, DebugPrintsOneExchangeWhole) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url("/d"), "--debug"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_EQ(server.requests(), 1U);
  EXPECT_THAT(ended.output, HasSubstr("GET /d HTTP/1.1"));
  EXPECT_THAT(ended.output, HasSubstr("HTTP/1.1 200 OK"));
}

TEST(Hit, CopiesThatNobodyMeantToCountAreNoWarning) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url(""), "--duplicate", "10%", "-m", "POST",
                                     "--save-plan", directory / "plan.toml"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_EQ(ended.errors, "");
}

TEST(Hit, TlsTrustsAndIsWhoTheOptionsName) {
  const Identity authority = make_authority({.name = "hit's CA"});
  const Identity client = authority.issue({.name = "somebody", .hosts = {}});
  HostileServer server(
      {.identity = authority.issue({}), .client_authority_pem = authority.certificate_pem}, kGood);
  const TestDirectory directory;
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  const auto once = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {url, "--debug"});
    return hit(directory, options);
  };
  const auto unknown = once({});
  EXPECT_NE(unknown.exit_code, 0);
  EXPECT_THAT(unknown.output, HasSubstr("for squall hit: --cacert, -k"));
  const std::string ca = directory.write("ca.pem", authority.certificate_pem);
  const std::string both = directory.write("both.pem", client.certificate_pem + client.key_pem);
  const std::string key = directory.write("key.pem", client.key_pem);
  EXPECT_NE(once({"--cacert", ca}).exit_code, 0) << "the server asks who squall is";
  for (const auto& options : {std::vector<std::string>{"--cacert", ca, "-E", both},
                              {"--cacert", ca, "--cert", both, "--key", key},
                              {"-k", "-E", both}}) {
    const auto ended = once(options);
    EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  }
  EXPECT_EQ(server.requests(), 3U);
  const auto missing = once({"--cacert", directory / "gone.pem"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.errors, HasSubstr("--cacert:1:1: cannot read"));
}

TEST(Hit, LatencyHoldsAShareOfTheRequestsBack) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended =
      hit(directory, {server.url(""), "-X", "PUT", "-r", "100/s", "-n", "100", "--latency",
                      "50ms:25%", "--seed", "1", "--no-preflight", "--out", directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_THAT(server.request_texts().front(), HasSubstr("PUT / HTTP/1.1\r\n"));
  const model::RunRecord record = record_in(directory);
  ASSERT_EQ(record.faults.size(), 1U);
  EXPECT_GT(record.faults[0].counts.fired, 10U);
  EXPECT_LT(record.faults[0].counts.fired, 40U);
  EXPECT_EQ(record.faults[0].counts.fired, record.faults[0].counts.planned);
}

TEST(Hit, WrongCommandLinesSendNothing) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const std::string url = server.url("");
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{"hit"}, "nothing to hit"},
      {{"hit", url, "--rate", "fast"}, "--rate"},
      {{"hit", url, "--drop", "150%"}, "--drop"},
      {{"hit", url, "--for", "10"}, "--for"},
      {{"hit", url, "--require", "response p99 <"}, "--require"},
      {{"hit", url, "-H", "no colon"}, "NAME: VALUE"},
      {{"hit", "ftp://127.0.0.1/"}, "ftp"},
      {{"hit", url, "--rate", "10/s", "--users", "3"}, "--users"},
      {{"hit", url, "--rate", "0/s"}, "makes no traffic"},
      {{"hit", url, "--poisson", "--rate", "10/s", "-n", "3"}, "-n"},
      {{"hit", url, "-q", "50"}, "--rate 50/s"},
      {{"hit", url, "-d", "{{nope}}"}, "--data:1:1: "},
      {{"hit", url, "--think", "1s"}, "--think is the pause of a user"},
      {{"hit", url, "-d", "@missing.bin"}, "missing.bin"},
      {{"hit", "--targets", "missing.txt"}, "missing.txt"},
      {{"hit", url, "--require", "error_rate < 1%", "--require", "latency p99 < 20ms"},
       "--require:2:1: there is no scenario or step named \"latency\""},
      {{"hit", url, "-H", "A: b", "-H", "X:  {{sequel}}"}, "--header:2:5: "},
      {{"hit", url + "/{{nothing}}"}, "URL:1:1: "},
  };
  for (const auto& [arguments, message] : wrong) {
    const auto ended = squall(directory, arguments);
    EXPECT_EQ(ended.exit_code, 2) << ended.output << ended.errors;
    EXPECT_THAT(ended.errors + ended.output, HasSubstr(message));
  }
  EXPECT_EQ(server.requests(), 0U);
}

}  // namespace
}  // namespace squall::test
