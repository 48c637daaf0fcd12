#include "loadgen/app/otlp_export.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/net/http_server.hpp"
#include "tests/support/eventually.hpp"

namespace squall::app {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

// Answers as it is told to, and keeps what it took.
class Collector {
 public:
  Collector() {
    server_ = net::HttpServer::start({}, [this](const net::ServerRequest& request) {
                return receive(request);
              }).value();
  }
  // To requests for spans, each once; then 200.
  void answer_next(std::vector<net::ServerReply> replies) {
    const std::lock_guard lock(mutex_);
    next_ = std::move(replies);
  }

  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port()); }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::size_t requests(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto found = bodies_.find(path);
    return found == bodies_.end() ? 0 : found->second.size();
  }
  [[nodiscard]] std::vector<json> taken(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto found = taken_.find(path);
    return found == taken_.end() ? std::vector<json>() : found->second;
  }
  // By the times that its span came.
  [[nodiscard]] std::map<std::string, int> spans() const {
    std::map<std::string, int> all;
    for (const json& body : taken("/v1/traces")) {
      for (const json& span : body["resourceSpans"][0]["scopeSpans"][0]["spans"]) {
        ++all[span["traceId"].get<std::string>()];
      }
    }
    return all;
  }

 private:
  net::ServerReply receive(const net::ServerRequest& request) {
    const std::lock_guard lock(mutex_);
    bodies_[request.target].push_back(request.body);
    if (request.method != "POST" || request.header("content-type") != "application/json") {
      return {.status = 415};
    }
    net::ServerReply reply{.headers = {{"Content-Type", "application/json"}}, .body = "{}"};
    if (request.target == "/v1/traces" && !next_.empty()) {
      reply = next_.front();
      next_.erase(next_.begin());
    }
    if (reply.action == net::ServerReply::Action::kAnswer && reply.status == 200) {
      taken_[request.target].push_back(json::parse(request.body));
    }
    return reply;
  }

  mutable std::mutex mutex_;
  std::vector<net::ServerReply> next_;
  std::map<std::string, std::vector<std::string>> bodies_;
  std::map<std::string, std::vector<json>> taken_;
  std::unique_ptr<net::HttpServer> server_;  // last: its thread calls the rest
};

model::Plan plan() {
  model::Plan plan;
  plan.name = "checkout";
  plan.run_id = "r-1";
  plan.steps.resize(1);
  plan.steps[0].full_name = "buy.charge";
  return plan;
}

std::vector<model::OperationSpan> operations(std::size_t count, std::size_t first = 0) {
  std::vector<model::OperationSpan> spans(count);
  for (std::size_t i = 0; i < count; ++i) {
    spans[i].key = fmt::format("5b8efff7-9803-8103-a269-{:012x}", first + i);
    spans[i].arrival = first + i;
  }
  return spans;
}

constexpr WallTime kZero = WallTime(1'544'712'660'000'000'000ns);

OtlpExport::Limits quick() {
  OtlpExport::Limits limits;
  limits.backoff = 1ms;
  return limits;
}

net::ServerReply status(int code) {
  return {.status = code, .headers = {{"Retry-After", "0"}}};
}

TEST(OtlpExport, EverySpanGetsThereOnceInBatches) {
  const Collector collector;
  OtlpExport exporter(collector.url() + "/", "1.2.3", quick());
  exporter.begin(plan());
  exporter.take(kZero, operations(700));
  exporter.take(kZero, operations(500, 700));
  const OtlpOutcome outcome = exporter.finish();
  EXPECT_EQ(outcome.spans, 1200U);
  EXPECT_EQ(outcome.lost, 0U);
  EXPECT_EQ(outcome.problem, "");
  EXPECT_EQ(otlp_warning("http://c", outcome), "");
  const auto spans = collector.spans();
  EXPECT_EQ(spans.size(), 1200U);
  for (const auto& [trace, times] : spans) {
    EXPECT_EQ(times, 1) << trace;
  }
  EXPECT_GE(collector.requests("/v1/traces"), 3U);  // at most 512 in each
  EXPECT_LE(collector.requests("/v1/traces"), 4U);
}

TEST(OtlpExport, FiguresAreSentWhileTheRunGoesOnAndAtItsEnd) {
  const Collector collector;
  OtlpExport exporter(collector.url(), "1.2.3", quick());
  exporter.begin(plan());
  model::SecondSummary second;
  second.counters.due = 5;
  exporter.second(second);
  ASSERT_TRUE(test::eventually([&] { return collector.taken("/v1/metrics").size() == 1; }));
  exporter.second(second);
  EXPECT_EQ(exporter.finish().problem, "");
  const json last = collector.taken("/v1/metrics").back();
  const json& due = last["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0];
  EXPECT_EQ(due["name"], "squall.arrivals.due");
  EXPECT_EQ(due["sum"]["dataPoints"][0]["asInt"], "10");
}

TEST(OtlpExport, ABusyCollectorIsAskedAgain) {
  Collector collector;
  collector.answer_next({status(503), status(429), status(502), status(504)});
  OtlpExport exporter(collector.url(), "1.2.3", quick());
  exporter.begin(plan());
  exporter.take(kZero, operations(3));
  const OtlpOutcome outcome = exporter.finish();
  EXPECT_EQ(outcome.lost, 0U);
  EXPECT_EQ(outcome.problem, "");
  EXPECT_EQ(collector.requests("/v1/traces"), 5U);
  EXPECT_EQ(collector.spans().size(), 3U);
}

TEST(OtlpExport, ABrokenConnectionIsTriedAgain) {
  Collector collector;
  collector.answer_next({{.action = net::ServerReply::Action::kReset}});
  OtlpExport exporter(collector.url(), "1.2.3", quick());
  exporter.begin(plan());
  exporter.take(kZero, operations(3));
  EXPECT_EQ(exporter.finish().lost, 0U);
  EXPECT_EQ(collector.spans().size(), 3U);
}

TEST(OtlpExport, AfterTheLastAttemptTheBatchIsLostAndTheNextOneGoes) {
  Collector collector;
  collector.answer_next({status(503), status(503)});
  OtlpExport::Limits limits = quick();
  limits.attempts = 2;
  limits.batch = 2;
  OtlpExport exporter(collector.url(), "1.2.3", limits);
  exporter.begin(plan());
  exporter.take(kZero, operations(3));
  const OtlpOutcome outcome = exporter.finish();
  EXPECT_EQ(outcome.spans, 3U);
  EXPECT_EQ(outcome.lost, 2U);
  EXPECT_EQ(outcome.problem, "/v1/traces answered with status 503");
  EXPECT_EQ(otlp_warning("http://c:1", outcome),
            "squall: --otlp: 2 of 3 spans did not get to http://c:1: /v1/traces answered with "
            "status 503\n");
  EXPECT_EQ(collector.spans().size(), 1U);
}

TEST(OtlpExport, WhatIsRefusedIsNotSentAgain) {
  Collector collector;
  collector.answer_next({status(400)});
  OtlpExport exporter(collector.url(), "1.2.3", quick());
  exporter.begin(plan());
  exporter.take(kZero, operations(3));
  const OtlpOutcome outcome = exporter.finish();
  EXPECT_EQ(outcome.lost, 3U);
  EXPECT_EQ(outcome.problem, "/v1/traces answered with status 400");
  EXPECT_EQ(collector.requests("/v1/traces"), 1U);
}

TEST(OtlpExport, WhatACollectorTakesInPartIsCounted) {
  Collector collector;
  collector.answer_next(
      {{.body = R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}})"}});
  OtlpExport exporter(collector.url(), "1.2.3", quick());
  exporter.begin(plan());
  exporter.take(kZero, operations(3));
  const OtlpOutcome outcome = exporter.finish();
  EXPECT_EQ(outcome.lost, 2U);
  EXPECT_EQ(outcome.problem, "refused: too old");
}

// A collector that never answers: what does not fit into the queue is counted, and so is what waits
// in it when the run is over.
TEST(OtlpExport, TheQueueIsBoundedAndTheEndIsToo) {
  Collector collector;
  const net::ServerReply silence{.action = net::ServerReply::Action::kSilence};
  collector.answer_next(std::vector<net::ServerReply>(100, silence));
  OtlpExport::Limits limits = quick();
  limits.queue = 10;
  limits.batch = 4;
  limits.timeout = 100ms;
  limits.flush = 200ms;
  OtlpExport exporter(collector.url(), "1.2.3", limits);
  exporter.begin(plan());
  exporter.take(kZero, operations(25));
  const OtlpOutcome outcome = exporter.finish();
  EXPECT_EQ(outcome.spans, 25U);
  EXPECT_EQ(outcome.lost, 25U);
  EXPECT_EQ(outcome.problem, "more than 10 waited");
}

TEST(OtlpExport, NobodyThereLosesEverythingInTime) {
  std::string url;
  {
    const Collector gone;
    url = gone.url();
  }
  OtlpExport::Limits limits = quick();
  limits.flush = 300ms;
  OtlpExport exporter(url, "1.2.3", limits);
  exporter.begin(plan());
  exporter.take(kZero, operations(2000));
  const OtlpOutcome outcome = exporter.finish();
  EXPECT_EQ(outcome.lost, 2000U);
  EXPECT_NE(outcome.problem, "");
  EXPECT_THAT(otlp_warning(url, outcome), HasSubstr("2000 of 2000 spans did not get to "));
}

TEST(OtlpExport, WhatIsLostForWantOfTimeIsToldToo) {
  Collector collector;
  OtlpExport::Limits limits = quick();
  limits.flush = 0ms;
  OtlpExport exporter(collector.url(), "1.2.3", limits);
  exporter.begin(plan());
  exporter.take(kZero, operations(3));
  const OtlpOutcome outcome = exporter.finish();
  EXPECT_EQ(outcome.spans, 3U);
  EXPECT_EQ(outcome.lost + collector.spans().size(), 3U);
  EXPECT_EQ(outcome.problem.empty(), outcome.lost == 0) << outcome.problem;
}

TEST(OtlpExport, ASecondRunStartsAtZero) {
  const Collector collector;
  OtlpExport exporter(collector.url(), "1.2.3", quick());
  model::SecondSummary second;
  second.counters.due = 5;
  for (int run = 0; run < 2; ++run) {
    exporter.begin(plan());
    exporter.second(second);
    exporter.take(kZero, operations(2, static_cast<std::size_t>(run) * 2));
    EXPECT_EQ(exporter.finish().spans, 2U);
  }
  EXPECT_EQ(collector.spans().size(), 4U);
  const json last = collector.taken("/v1/metrics").back();
  const json& due = last["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0];
  EXPECT_EQ(due["sum"]["dataPoints"][0]["asInt"], "5");
}

TEST(OtlpExport, WithoutARunThereIsNothingToEnd) {
  OtlpExport exporter("http://127.0.0.1:1", "1.2.3");
  EXPECT_EQ(exporter.finish().problem, "");
}

}  // namespace
}  // namespace squall::app
