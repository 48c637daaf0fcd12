#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "loadgen/effects/reading_doubt.hpp"
#include "loadgen/effects/scripted_sink.hpp"
#include "loadgen/net/http_client.hpp"
#include "tests/loadgen/effects/oracle_case.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;
using namespace std::chrono_literals;

// A started sink on a port of its own.
class Sink {
 public:
  explicit Sink(const std::string& keys, std::uint64_t seed = 1) {
    // A port that was free a moment ago; the next one is taken when another program was quicker.
    for (int attempt = 0; attempt < 20 && !started_; ++attempt) {
      port_ = test::RefusedPort().port();
      compiled_ = compile("sink", keys + "\nport = " + std::to_string(port_));
      EXPECT_EQ(compiled_.problems, "");
      model::OracleContext context;
      context.seed = seed;
      started_ = compiled_.oracle->start(context).has_value();
    }
    EXPECT_TRUE(started_);
  }

  // Status of the answer; 0 when there was none.
  int call(const std::string& body, const std::string& path = "/hook",
           std::vector<std::pair<std::string, std::string>> headers = {},
           Duration timeout = 10s) const {
    net::ClientRequest request;
    request.method = "POST";
    request.url = "http://127.0.0.1:" + std::to_string(port_) + path;
    request.headers = std::move(headers);
    request.body = body;
    request.timeout = timeout;
    const Result<net::ClientResponse> answer = net::send(request);
    return answer ? answer->status : 0;
  }

  [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> counts() const {
    const Result<OracleReading> reading = compiled_.oracle->read({}, 1s);
    EXPECT_TRUE(reading.has_value());
    return reading ? reading->counts : decltype(OracleReading::counts)();
  }

  [[nodiscard]] std::string remark() const {
    const auto* teller = dynamic_cast<const TellsDoubt*>(compiled_.oracle.get());
    return teller == nullptr ? "" : teller->doubt().remark;
  }
  [[nodiscard]] ScriptedSink& scripted() const {
    return dynamic_cast<ScriptedSink&>(*compiled_.oracle);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  bool started_ = false;
  CompiledOracle compiled_;
};

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

TEST(SinkOracle, CountsCallsByAKeyInTheBody) {
  const Sink sink("key = 'json /token'");
  EXPECT_EQ(sink.call(R"({"token":"a"})"), 200);
  EXPECT_EQ(sink.call(R"({"token":"a"})"), 200);
  EXPECT_EQ(sink.call(R"({"token":17})"), 200);
  EXPECT_EQ(sink.counts(), (Counts{{"17", 1}, {"a", 2}}));
}

TEST(SinkOracle, CountsCallsByHeaderOrQuery) {
  const Sink by_header("key = 'header Idempotency-Key'");
  by_header.call("{}", "/x", {{"idempotency-key", "h"}});
  EXPECT_EQ(by_header.counts(), (Counts{{"h", 1}}));
  const Sink by_query("key = 'query token'");
  by_query.call("{}", "/x?a=1&token=q%20r");
  EXPECT_EQ(by_query.counts(), (Counts{{"q r", 1}}));
}

TEST(SinkOracle, CallsWithoutAKeyStayVisible) {
  const Sink sink("key = 'json /token'");
  for (const char* body : {"", "not json", "{}", R"({"token":null})", R"({"token":""})", "[[["}) {
    EXPECT_EQ(sink.call(body), 200);
  }
  EXPECT_EQ(sink.call(R"({"token":")" + std::string(5000, 'x') + "\"}"), 200);
  EXPECT_EQ(sink.counts(), (Counts{{"", 7}}));
}

TEST(SinkOracle, CountsOnlyTheRequestThatItWasToldOf) {
  const Sink sink("key = 'json /t'\nrequest = 'POST /charges'");
  EXPECT_EQ(sink.call(R"({"t":"a"})", "/charges"), 200);
  EXPECT_EQ(sink.call(R"({"t":"a"})", "/refunds"), 404);
  EXPECT_EQ(sink.counts(), (Counts{{"a", 1}}));
}

TEST(SinkOracle, TellsWhatCameWhenEffectsAreMissing) {
  const Sink sink("key = 'json /t'\nrequest = 'POST /charges'");
  EXPECT_EQ(sink.remark(), "no call came at all: was the target told to call http://127.0.0.1:" +
                               std::to_string(sink.port()) + "/charges?");
  EXPECT_EQ(sink.call(R"({"t":"a"})", "/refunds"), 404);
  EXPECT_EQ(sink.call(R"({"t":"a"})", "/refunds"), 404);
  EXPECT_EQ(sink.remark(),
            "2 calls came, 0 matched POST /charges, 0 of them without a key, and 0 were counted; "
            "others went to POST /refunds");
  EXPECT_EQ(sink.call("{}", "/charges"), 200);
  EXPECT_THAT(sink.remark(), testing::HasSubstr("1 of them without a key, and 1 were counted"));
}

TEST(SinkOracle, CallsWithTheSameIdAreOneEffect) {
  const Sink sink("key = 'json /order'\nid = 'header Webhook-Id'");
  for (const char* id : {"e1", "e1", "e2"}) {
    sink.call(R"({"order":"a"})", "/", {{"Webhook-Id", id}});
  }
  sink.call(R"({"order":"b"})", "/", {{"Webhook-Id", "e1"}});
  EXPECT_EQ(sink.counts(), (Counts{{"a", 2}, {"b", 1}}));
}

TEST(SinkOracle, FailsTheFirstCallsAndThenHeals) {
  const Sink sink("key = 'json /t'\nfirst_n = 3\nfail_status = 500\nanswer = 202");
  for (const int status : {500, 500, 500, 202, 202}) {
    EXPECT_EQ(sink.call(R"({"t":"a"})"), status);
  }
  EXPECT_EQ(sink.counts(), (Counts{{"a", 2}})) << "a call that the sink refused is no effect";
}

TEST(SinkOracle, CountsRefusedCallsWhenAsked) {
  const Sink sink("key = 'json /t'\nfirst_n = 1\ncount = 'received'");
  sink.call(R"({"t":"a"})");
  sink.call(R"({"t":"a"})");
  EXPECT_EQ(sink.counts(), (Counts{{"a", 2}}));
}

TEST(SinkOracle, FailsASeededShareByKeyAndNumber) {
  const auto pattern = [](std::uint64_t seed) {
    const Sink sink("key = 'json /t'\nfail = '40%'", seed);
    std::string result;
    for (int call = 0; call < 60; ++call) {
      result += sink.call(R"({"t":"k)" + std::to_string(call % 20) + "\"}") == 200 ? '.' : 'x';
    }
    return result;
  };
  const std::string first = pattern(1);
  EXPECT_EQ(pattern(1), first);
  EXPECT_NE(pattern(2), first);
  const auto failed = std::count(first.begin(), first.end(), 'x');
  EXPECT_GT(failed, 10);
  EXPECT_LT(failed, 40);
}

TEST(SinkOracle, ResetsAndStaysSilentOnRequest) {
  const Sink resets("key = 'json /t'\nreset = '100%'");
  EXPECT_EQ(resets.call(R"({"t":"a"})"), 0);
  EXPECT_EQ(resets.counts(), Counts());
  const Sink silent("key = 'json /t'\nsilent = '100%'\ncount = 'received'");
  EXPECT_EQ(silent.call(R"({"t":"a"})", "/", {}, 100ms), 0);
  EXPECT_EQ(silent.counts(), (Counts{{"a", 1}}));
}

TEST(SinkOracle, AnswersLate) {
  const Sink sink("key = 'json /t'\ndelay = '5s'");
  EXPECT_EQ(sink.call(R"({"t":"a"})", "/", {}, 100ms), 0);
}

TEST(SinkOracle, FailsToStartOnATakenPort) {
  const test::HostileServer taken({test::HostileServer::stall()});
  const CompiledOracle compiled =
      compile("sink", "key = 'json /t'\nport = " + std::to_string(taken.port()));
  const Result<void> started = compiled.oracle->start({});
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("sink"), std::string::npos);
}

TEST(SinkOracle, TakesThePortThatWasReservedForIt) {
  expr::TableSpec spec = *oracle_kind("sink").keys;
  spec.keys.push_back({.name = "name", .type = expr::ValueType::kString, .help = ""});
  test::ReadTable table("name = 'mail'\nkey = 'json /t'", spec);
  const std::uint16_t port = test::RefusedPort().port();
  table.define("sink.mail", "127.0.0.1:" + std::to_string(port));
  const auto oracle = oracle_kind("sink").compile(table.reader());
  EXPECT_EQ(table.problems(), "");
  ASSERT_TRUE(oracle->start({}));
  net::ClientRequest request;
  request.method = "POST";
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/";
  request.body = R"({"t":"a"})";
  EXPECT_TRUE(net::send(request));
  EXPECT_EQ(oracle->read({}, 1s)->counts.at("a"), 1u);
}

TEST(SinkOracle, FailsCallsOfAKeyAsItsScriptSays) {
  const Sink sink("key = 'json /t'\nid = 'header Webhook-Id'\nfail_status = 500");
  ScriptedSink& scripted = sink.scripted();
  EXPECT_TRUE(scripted.tells_ids());
  scripted.script("a", {.acts = {SinkAct::kFail, SinkAct::kReset}, .ids = 2});
  const auto call = [&](const char* id) {
    return sink.call(R"({"t":"a"})", "/", {{"Webhook-Id", id}});
  };
  EXPECT_EQ(call("e1"), 500);
  EXPECT_EQ(call("e2"), 500);  // an event of its own
  EXPECT_EQ(call("e1"), 0);
  EXPECT_EQ(sink.counts(), Counts());
  EXPECT_EQ(call("e3"), 200);  // one too many
  EXPECT_EQ(call("e1"), 200);
  EXPECT_EQ(call("e1"), 200);
  EXPECT_EQ(sink.call(R"({"t":"b"})"), 200);
  EXPECT_EQ(sink.counts(), (Counts{{"a", 2}, {"b", 1}}));
  const std::vector<SinkCall> calls = scripted.calls_of("a");
  ASSERT_EQ(calls.size(), 6u);
  EXPECT_EQ(calls[1].id, "e2");
  EXPECT_EQ(calls[2].act, SinkAct::kReset);
  EXPECT_LE(calls[2].at, calls[4].at);
  EXPECT_FALSE(calls[0].headers.empty());
  EXPECT_TRUE(scripted.calls_of("b").empty());
}

TEST(SinkOracle, IsDownForAKeyUntilItHeals) {
  const Sink sink("key = 'json /t'");
  ScriptedSink& scripted = sink.scripted();
  EXPECT_FALSE(scripted.tells_ids());
  scripted.script("a", {.acts = {SinkAct::kAnswerLate}, .down = true, .late = 1ms});
  EXPECT_EQ(sink.call(R"({"t":"a"})"), 200);
  EXPECT_EQ(sink.call(R"({"t":"a"})"), 503);
  EXPECT_EQ(sink.call(R"({"t":"a"})"), 503);
  scripted.heal("a");
  EXPECT_EQ(sink.call(R"({"t":"a"})"), 200);
  scripted.script("s", {.acts = {SinkAct::kSilence}});
  EXPECT_EQ(sink.call(R"({"t":"s"})", "/", {}, 100ms), 0);
  EXPECT_EQ(sink.call(R"({"t":"s"})"), 200);
}

TEST(SinkOracle, RefusesKeysThatMakeNoSense) {
  const char* wrong[] = {
      "",
      "key = 'token'",
      "key = 'json token'",
      "key = 'cookie x'",
      "key = 'header '",
      "key = 'json /t'\nid = 'x'",
      "key = 'json /t'\nrequest = '/x'",
      "key = 'json /t'\nrequest = 'POST x'",
      "key = 'json /t'\nfail = '60%'\nreset = '30%'\nsilent = '20%'",
      "key = 'json /t'\nanswer = 99",
      "key = 'json /t'\nanswer = 503",
      "key = 'json /t'\ncount = 'some'",
      "key = 'json /t'\nport = 0",
  };
  for (const char* keys : wrong) {
    EXPECT_NE(compile("sink", keys).problems, "") << keys;
  }
}

}  // namespace
}  // namespace squall::effects
