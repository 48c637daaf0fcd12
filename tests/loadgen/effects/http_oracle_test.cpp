#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "tests/loadgen/effects/oracle_case.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;
using net::ServerReply;
using net::ServerRequest;
using namespace std::chrono_literals;

constexpr const char* kList =
    "request = 'GET /ledger?run={{run}}'\nitems = '/effects'\nkey = '/token'\n";
constexpr const char* kPerKey = "request = 'GET /effects/{{key}}'\ncount = '/count'\n";

model::OracleContext context_for(std::string url) {
  model::OracleContext context;
  context.run_id = "run 1";
  context.default_base_url = std::move(url);
  context.default_headers = {{"Authorization", "Bearer s3cret"}};
  return context;
}

// Starts the oracle against `url` and reads.
Result<OracleReading> read(const std::string& keys_of_plan, const std::string& url,
                           const std::vector<std::string>& asked = {}, Duration budget = 20s) {
  const CompiledOracle compiled = compile("http", keys_of_plan);
  EXPECT_EQ(compiled.problems, "");
  if (Result<void> started = compiled.oracle->start(context_for(url)); !started) {
    return fail(started.error());
  }
  return compiled.oracle->read(asked, budget);
}

// Reads `keys_of_plan` from a server that always answers `body`.
Result<OracleReading> read_answer(const std::string& keys_of_plan, const std::string& body,
                                  int status = 200, const std::vector<std::string>& asked = {}) {
  const auto server = serve([&body, status](const ServerRequest&) { return reply(body, status); });
  return read(keys_of_plan, base_url(*server), asked);
}

TEST(HttpOracle, CountsAList) {
  const auto reading =
      read_answer(kList, R"({"effects":[{"token":"a"},{"token":"b"},{"token":"a"}]})");
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->counts.at("a"), 2u);
  EXPECT_EQ(reading->counts.at("b"), 1u);
}

TEST(HttpOracle, SendsTheTargetsHeadersAndItsOwn) {
  std::mutex mutex;
  std::string target;
  std::string authorization;
  std::string accept;
  const auto server = serve([&](const ServerRequest& request) {
    const std::lock_guard lock(mutex);
    target = request.target;
    authorization = request.header("authorization");
    accept = request.header("accept");
    return reply(R"({"effects":[]})");
  });
  ASSERT_TRUE(read(std::string(kList) + "headers = { accept = 'application/json' }",
                   base_url(*server) + "/base"));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(target, "/base/ledger?run=run%201");
  EXPECT_EQ(authorization, "Bearer s3cret");
  EXPECT_EQ(accept, "application/json");
}

TEST(HttpOracle, KeepsTheTargetsHeadersFromOtherHosts) {
  std::mutex mutex;
  std::string authorization = "unset";
  const auto elsewhere = serve([&](const ServerRequest& request) {
    const std::lock_guard lock(mutex);
    authorization = request.header("authorization");
    return reply("[]");
  });
  const auto target = serve([](const ServerRequest&) { return reply("[]"); });
  ASSERT_TRUE(read("request = 'GET " + base_url(*elsewhere) + "/x'\nitems = ''\nkey = '/k'",
                   base_url(*target)));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(authorization, "");
}

TEST(HttpOracle, ReadsPageAfterPage) {
  for (const char* style : {"url", "path", "query", "value"}) {
    const std::string kind = style;
    const auto server = serve([&kind](const ServerRequest& request) {
      const std::size_t at = request.target.find("cursor=");
      const int page = at == std::string::npos ? 1 : request.target[at + 7] - '0';
      const std::string items = R"([{"k":"p)" + std::to_string(page) + R"("},{"k":"all"}])";
      if (page == 3) {
        return reply(R"({"items":)" + items + R"(,"next":null})");
      }
      const std::string number = std::to_string(page + 1);
      const std::string host(request.header("host"));
      const std::string next = kind == "url"     ? "http://" + host + "/l?cursor=" + number
                               : kind == "path"  ? "/l?cursor=" + number
                               : kind == "query" ? "?cursor=" + number
                                                 : number;
      return reply(R"({"items":)" + items + R"(,"next":")" + next + "\"}");
    });
    const auto reading =
        read("request = 'GET /l?size=2'\nitems = '/items'\nkey = '/k'\nnext = '/next'",
             base_url(*server));
    ASSERT_TRUE(reading) << kind << ": " << to_string(reading.error());
    EXPECT_EQ(reading->counts.at("all"), 3u) << kind;
    EXPECT_EQ(reading->counts.size(), 4u) << kind;
  }
}

TEST(HttpOracle, PagesThatNeverEndAreAnError) {
  const auto loop = read_answer("request = 'GET /l'\nitems = '/i'\nkey = '/k'\nnext = '/n'",
                                R"({"i":[],"n":"/l"})");
  ASSERT_FALSE(loop);
  EXPECT_NE(loop.error().message.find("already"), std::string::npos);

  std::atomic<int> page{0};
  const auto endless = serve([&page](const ServerRequest&) {
    return reply(R"({"i":[],"n":")" + std::to_string(++page) + "\"}");
  });
  const auto reading = read("request = 'GET /l'\nitems = '/i'\nkey = '/k'\nnext = '/n'\npages = 7",
                            base_url(*endless));
  ASSERT_FALSE(reading);
  EXPECT_NE(reading.error().message.find("7 pages"), std::string::npos);
  EXPECT_EQ(page, 7);
}

TEST(HttpOracle, NextPagesOnOtherHostsAreRefused) {
  const auto evil = read_answer("request = 'GET /l'\nitems = '/i'\nkey = '/k'\nnext = '/n'",
                                R"({"i":[],"n":"http://127.0.0.1:1/l"})");
  ASSERT_FALSE(evil);
  EXPECT_NE(evil.error().message.find("another host"), std::string::npos);
}

TEST(HttpOracle, HostileListsAreErrorsWithAReason) {
  const std::pair<const char*, int> answers[] = {{"", 200},
                                                 {"<html>", 200},
                                                 {"{}", 200},
                                                 {"[]", 200},
                                                 {R"({"effects":7})", 200},
                                                 {R"({"effects":[{"token":{}}]})", 200},
                                                 {R"({"effects":[]})", 404},
                                                 {R"({"effects":[]})", 500},
                                                 {R"({"effects":[]})", 302}};
  for (const auto& [body, status] : answers) {
    const auto reading = read_answer(kList, body, status);
    ASSERT_FALSE(reading) << body << " " << status;
    EXPECT_FALSE(reading.error().message.empty());
  }
}

TEST(HttpOracle, TargetsThatDoNotAnswerAreErrors) {
  const test::RefusedPort refused;
  EXPECT_FALSE(read(kList, "http://127.0.0.1:" + std::to_string(refused.port())));
  test::HostileServer garbage({test::HostileServer::send_garbage(1000)});
  EXPECT_FALSE(read(kList, "http://127.0.0.1:" + std::to_string(garbage.port())));
  test::HostileServer reset(
      {test::HostileServer::read_request(), test::HostileServer::close_rst()});
  EXPECT_FALSE(read(kList, "http://127.0.0.1:" + std::to_string(reset.port())));
  test::HostileServer silent({test::HostileServer::stall()});
  const TimePoint start = monotonic_now();
  EXPECT_FALSE(read(kList, "http://127.0.0.1:" + std::to_string(silent.port()), {}, 200ms));
  EXPECT_LT(monotonic_now() - start, 5s);
}

TEST(HttpOracle, AsksKeyByKey) {
  const auto server = serve([](const ServerRequest& request) {
    if (request.target == "/effects/none") {
      return reply("gone", 404);
    }
    return reply(request.target == "/effects/a%2Fb%20c" ? R"({"count":2})" : R"({"count":1})");
  });
  const auto reading = read(kPerKey, base_url(*server), {"a/b c", "one", "none"});
  ASSERT_TRUE(reading) << to_string(reading.error());
  EXPECT_EQ(reading->counts.at("a/b c"), 2u);
  EXPECT_EQ(reading->counts.at("one"), 1u);
  EXPECT_EQ(reading->counts.at("none"), 0u);
  EXPECT_TRUE(reading->undecided.empty());
}

TEST(HttpOracle, CountsTheItemsOfOneKey) {
  const auto reading = read_answer("request = 'GET /s?q={{key}}'\nitems = '/hits'\nkey = '/k'",
                                   R"({"hits":[{"k":"a"},{"k":"a"},{"k":"ab"}]})", 200, {"a", "b"});
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->counts.at("a"), 2u);
  EXPECT_EQ(reading->counts.at("b"), 0u);
}

TEST(HttpOracle, AKeyItCannotAnswerForIsUndecided) {
  const auto server = serve([](const ServerRequest& request) {
    if (request.target == "/effects/broken") {
      return reply("", 500);
    }
    if (request.target == "/effects/odd") {
      return reply(R"({"count":-1})");
    }
    if (request.target == "/effects/absent") {
      return reply("{}");
    }
    return reply(R"({"count":1})");
  });
  const auto reading = read(kPerKey, base_url(*server), {"broken", "odd", "absent", "good"});
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->undecided, (std::set<std::string, std::less<>>{"absent", "broken", "odd"}));
  EXPECT_NE(reading->undecided_reason.find("500"), std::string::npos);
  EXPECT_EQ(reading->counts.at("good"), 1u);
}

TEST(HttpOracle, KeysThatTheTimeDidNotSufficeForAreUndecided) {
  const auto slow = serve([](const ServerRequest&) {
    ServerReply late = reply(R"({"count":1})");
    late.delay = 60ms;
    return late;
  });
  std::vector<std::string> keys;
  for (int i = 0; i < 200; ++i) {
    keys.push_back("k" + std::to_string(i));
  }
  const TimePoint start = monotonic_now();
  const auto reading = read(std::string(kPerKey) + "parallel = 2", base_url(*slow), keys, 300ms);
  EXPECT_LT(monotonic_now() - start, 10s);
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->counts.size() + reading->undecided.size(), keys.size());
  EXPECT_GT(reading->undecided.size(), 100u);
  EXPECT_FALSE(reading->undecided_reason.empty());
}

TEST(HttpOracle, NothingIsSentToHostsThatNobodyNamed) {
  const CompiledOracle compiled =
      compile("http", "request = 'GET http://ledger.example/x'\nitems = ''\nkey = '/k'");
  EXPECT_EQ(compiled.problems, "");
  const Result<void> started = compiled.oracle->start(context_for("http://127.0.0.1:1"));
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("--allow ledger.example"), std::string::npos);
  model::OracleContext allowed = context_for("http://127.0.0.1:1");
  allowed.allowed_hosts = {"ledger.example"};
  EXPECT_TRUE(compiled.oracle->start(allowed));
}

TEST(HttpOracle, AKeyCannotChooseTheHost) {
  const CompiledOracle compiled = compile("http", "request = 'GET http://{{key}}/x'\ncount = '/n'");
  const auto started = compiled.oracle->start(context_for("http://127.0.0.1:1"));
  EXPECT_FALSE(started);
}

TEST(HttpOracle, RefusesKeysThatMakeNoSense) {
  const char* wrong[] = {
      "items = '/e'\nkey = '/k'",
      "request = '/ledger'\nitems = '/e'\nkey = '/k'",
      "request = 'GET ledger'\nitems = '/e'\nkey = '/k'",
      "request = 'get /ledger'\nitems = '/e'\nkey = '/k'",
      "request = 'GET /a b'\nitems = '/e'\nkey = '/k'",
      "request = 'GET /ledger'",
      "request = 'GET /ledger'\ncount = '/n'",
      "request = 'GET /ledger'\nitems = '/e'",
      "request = 'GET /ledger'\nkey = '/e'",
      "request = 'GET /ledger'\nitems = 'e'\nkey = '/k'",
      "request = 'GET /{{key}}'",
      "request = 'GET /{{key}}'\ncount = 'n'",
      "request = 'GET /l'\nitems = ''\nkey = '/k'\npages = 0",
      "request = 'GET /l'\nitems = ''\nkey = '/k'\nparallel = 0",
  };
  for (const char* keys : wrong) {
    EXPECT_NE(compile("http", keys).problems, "") << keys;
  }
}

}  // namespace
}  // namespace squall::effects
