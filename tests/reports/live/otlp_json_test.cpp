#include "reports/live/otlp_json.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadgen/model/response_cells.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr WallTime kZero = WallTime(1'544'712'660'000'000'000ns);

OtlpSource source() {
  return {.version = "1.2.3",
          .plan = "checkout",
          .run_id = "r-1",
          .seed = 18'446'744'073'709'551'615U,
          .shard = {},
          .steps = {"buy.browse", "buy.charge"}};
}

model::OperationSpan charge() {
  return {.step = 1,
          .arrival = 7,
          .visit = 2,
          .key = "5b8efff7-9803-8103-a269-b633813fc60c",
          .intended = 250ms,
          .end = 1s,
          .attempts = 3,
          .how = model::AttemptClass::kSuccess,
          .status = 201,
          .outcome = model::OperationOutcome::kAcked,
          .exposure = model::Exposure::kFaulted};
}

json traces(const std::vector<model::OperationSpan>& spans) {
  return json::parse(otlp_traces(source(), kZero, spans));
}

// The value of an attribute, whatever its type; null when there is none or two.
json attribute(const json& attributes, const std::string& key) {
  json found;
  for (const json& one : attributes) {
    if (one.at("key") == key) {
      if (!found.is_null()) {
        return nullptr;
      }
      found = one.at("value");
    }
  }
  return found;
}

TEST(OtlpJson, ASpanIsWrittenAsTheProtocolSays) {
  const json document = traces({charge()});
  ASSERT_EQ(document.at("resourceSpans").size(), 1U);
  const json& resource = document["resourceSpans"][0];
  const json& of_run = resource.at("resource").at("attributes");
  EXPECT_EQ(attribute(of_run, "service.name"), json({{"stringValue", "squall"}}));
  EXPECT_EQ(attribute(of_run, "service.version"), json({{"stringValue", "1.2.3"}}));
  EXPECT_EQ(attribute(of_run, "service.instance.id"), json({{"stringValue", "r-1"}}));
  EXPECT_EQ(attribute(of_run, "squall.run_id"), json({{"stringValue", "r-1"}}));
  // Above what a signed 64-bit value holds.
  EXPECT_EQ(attribute(of_run, "squall.seed"), json({{"stringValue", "18446744073709551615"}}));
  const json& scope = resource.at("scopeSpans").at(0);
  EXPECT_EQ(scope.at("scope"), json({{"name", "squall"}, {"version", "1.2.3"}}));
  ASSERT_EQ(scope.at("spans").size(), 1U);
  const json& span = scope["spans"][0];
  EXPECT_EQ(span.at("traceId"), "5b8efff798038103a269b633813fc60c");
  EXPECT_TRUE(span.at("spanId").is_string());
  EXPECT_EQ(span["spanId"].get<std::string>().find_first_not_of("0123456789abcdef"),
            std::string::npos);
  EXPECT_EQ(span["spanId"].get<std::string>().size(), 16U);
  EXPECT_FALSE(span.contains("parentSpanId"));
  EXPECT_EQ(span.at("name"), "buy.charge");
  EXPECT_EQ(span.at("kind"), 3);
  EXPECT_EQ(span.at("startTimeUnixNano"), "1544712660250000000");
  EXPECT_EQ(span.at("endTimeUnixNano"), "1544712661000000000");
  EXPECT_FALSE(span.contains("status"));  // unset: no error
  const json& attributes = span.at("attributes");
  EXPECT_EQ(attribute(attributes, "squall.step"), json({{"stringValue", "buy.charge"}}));
  EXPECT_EQ(attribute(attributes, "squall.arrival"), json({{"intValue", "7"}}));
  EXPECT_EQ(attribute(attributes, "squall.visit"), json({{"intValue", "2"}}));
  EXPECT_EQ(attribute(attributes, "squall.outcome"), json({{"stringValue", "acked"}}));
  EXPECT_EQ(attribute(attributes, "squall.class"), json({{"stringValue", "success"}}));
  EXPECT_EQ(attribute(attributes, "squall.attempts"), json({{"intValue", "3"}}));
  EXPECT_EQ(attribute(attributes, "squall.exposure"), json({{"stringValue", "faulted"}}));
  EXPECT_EQ(attribute(attributes, "http.response.status_code"), json({{"intValue", "201"}}));
}

TEST(OtlpJson, WhatWasNotAckedIsAnErrorAndNoAnswerIsNoStatus) {
  model::OperationSpan span = charge();
  span.how = model::AttemptClass::kTimeout;
  span.status = 0;
  span.outcome = model::OperationOutcome::kUnknown;
  span.end = 0ms;  // given up before it was due
  const json document = traces({span});
  const json& written = document["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(written.at("status"), json({{"code", 2}, {"message", "unknown: timeout"}}));
  EXPECT_TRUE(attribute(written.at("attributes"), "http.response.status_code").is_null());
  EXPECT_EQ(written.at("endTimeUnixNano"), written.at("startTimeUnixNano"));
}

TEST(OtlpJson, ShardsAreSourcesOfTheirOwn) {
  OtlpSource shard = source();
  shard.shard.index = 2;
  shard.shard.count = 8;
  const json document = json::parse(otlp_traces(shard, kZero, {}));
  EXPECT_EQ(
      attribute(document["resourceSpans"][0]["resource"]["attributes"], "service.instance.id"),
      json({{"stringValue", "r-1/2"}}));
}

TEST(OtlpJson, ANameThatIsNoUtf8IsReplaced) {
  OtlpSource strange = source();
  strange.steps[1] = "buy.\xff";
  const std::vector<model::OperationSpan> spans = {charge()};
  const json document = json::parse(otlp_traces(strange, kZero, spans));
  EXPECT_EQ(document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"], "buy.\xef\xbf\xbd");
}

model::ResponseCells cells_of(std::uint16_t step, const std::vector<std::int64_t>& microseconds,
                              std::uint64_t given_up) {
  stats::Histogram responses(stats::kSpanLayout);
  for (const std::int64_t response : microseconds) {
    responses.record(response);
  }
  model::ResponseCells cells{.step = step, .exposure = model::Exposure::kClean, .counts = {}};
  model::add_to_cells(cells, responses, false);
  if (given_up > 0) {
    stats::Histogram never(stats::kSpanLayout);
    for (std::uint64_t i = 0; i < given_up; ++i) {
      never.record(1);
    }
    model::add_to_cells(cells, never, true);
  }
  return cells;
}

json metric(const json& document, const std::string& name) {
  for (const json& one : document.at("resourceMetrics")[0].at("scopeMetrics")[0].at("metrics")) {
    if (one.at("name") == name) {
      return one;
    }
  }
  return nullptr;
}

TEST(OtlpJson, FiguresAreCumulative) {
  OtlpFigures figures(kZero);
  model::SecondSummary second;
  second.counters.due = 10;
  second.counters.started = 9;
  second.counters.dropped = 1;
  second.acked = 8;
  second.not_acked = 2;
  second.in_flight = 4;
  second.lag_p99_ns = 1'500'000;
  second.classes[static_cast<std::size_t>(model::AttemptClass::kTimeout)] = 1;
  second.cells = {cells_of(1, {1000, 1000}, 0)};
  figures.add(second);
  second.in_flight = 3;
  second.cells = {cells_of(1, {3'000'000}, 1), cells_of(200, {1000}, 0)};
  figures.add(second);
  const json document = json::parse(figures.json(source(), kZero + 2s));

  const json due = metric(document, "squall.arrivals.due");
  EXPECT_EQ(due.at("sum").at("aggregationTemporality"), 2);
  EXPECT_EQ(due["sum"].at("isMonotonic"), true);
  EXPECT_EQ(due["sum"].at("dataPoints"), json::array({{{"startTimeUnixNano", "1544712660000000000"},
                                                       {"timeUnixNano", "1544712662000000000"},
                                                       {"asInt", "20"}}}));
  EXPECT_EQ(metric(document, "squall.arrivals.started")["sum"]["dataPoints"][0]["asInt"], "18");
  EXPECT_EQ(metric(document, "squall.arrivals.dropped")["sum"]["dataPoints"][0]["asInt"], "2");
  EXPECT_EQ(metric(document, "squall.operations.acked")["sum"]["dataPoints"][0]["asInt"], "16");
  EXPECT_EQ(metric(document, "squall.operations.not_acked")["sum"]["dataPoints"][0]["asInt"], "4");
  // A gauge is of the last second.
  EXPECT_EQ(metric(document, "squall.operations.in_flight")["gauge"]["dataPoints"][0]["asInt"],
            "3");
  EXPECT_EQ(metric(document, "squall.generator.lag_p99")["gauge"]["dataPoints"][0]["asDouble"],
            0.0015);
  std::map<std::string, std::string> classes;
  const json ended = metric(document, "squall.attempts.ended");
  for (const json& point : ended["sum"]["dataPoints"]) {
    const json name = attribute(point.at("attributes"), "squall.class");
    classes[name.at("stringValue").get<std::string>()] = point.at("asInt").get<std::string>();
  }
  EXPECT_EQ(classes.size(), model::kAttemptClassCount);
  EXPECT_EQ(classes["timeout"], "2");
  EXPECT_EQ(classes["success"], "0");
}

TEST(OtlpJson, AHistogramHasOneCountMoreThanBoundsAndLosesNothing) {
  OtlpFigures figures(kZero);
  model::SecondSummary second;
  second.cells = {cells_of(1, {1000, 1000, 3'000'000}, 1), cells_of(200, {1000}, 0)};
  figures.add(second);
  const json document = json::parse(figures.json(source(), kZero + 1s));
  const json histogram = metric(document, "squall.operation.response");
  EXPECT_EQ(histogram.at("unit"), "s");
  EXPECT_EQ(histogram.at("histogram").at("aggregationTemporality"), 2);
  const json& points = histogram["histogram"].at("dataPoints");
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(attribute(points[1].at("attributes"), "squall.step"),
            json({{"stringValue", "(other)"}}));
  const json& point = points[0];
  EXPECT_EQ(attribute(point.at("attributes"), "squall.step"),
            json({{"stringValue", "buy.charge"}}));
  EXPECT_EQ(point.at("count"), "4");
  const json& bounds = point.at("explicitBounds");
  const json& counts = point.at("bucketCounts");
  ASSERT_EQ(counts.size(), bounds.size() + 1);
  EXPECT_DOUBLE_EQ(bounds[0].get<double>(), 64e-6);
  // By hand: 1 ms lies in (768 us, 1.024 ms], 3 s in (2.097152 s, 3.145728 s].
  std::map<double, std::string> not_empty;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (counts[i] != "0") {
      not_empty[bounds[i].get<double>()] = counts[i].get<std::string>();
    }
  }
  EXPECT_EQ(not_empty, (std::map<double, std::string>{{0.001024, "2"}, {3.145728, "1"}}));
  EXPECT_EQ(counts.back(), "1");  // given up
  EXPECT_NEAR(point.at("sum").get<double>(), 3.002, 0.06 * 3.002);
}

TEST(OtlpJson, WithoutOperationsThereIsNoHistogram) {
  const json document = json::parse(OtlpFigures(kZero).json(source(), kZero));
  EXPECT_TRUE(metric(document, "squall.operation.response").is_null());
  EXPECT_TRUE(metric(document, "squall.generator.lag_p99").is_null());
  EXPECT_FALSE(metric(document, "squall.arrivals.due").is_null());
}

TEST(OtlpRefusal, IsReadFromWhatCollectorsSay) {
  const OtlpRefusal refusal = otlp_refusal(
      R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})", "rejectedSpans");
  EXPECT_EQ(refusal.rejected, 3U);
  EXPECT_EQ(refusal.message, "too old");
  EXPECT_EQ(
      otlp_refusal(R"({"partialSuccess":{"rejectedDataPoints":4}})", "rejectedDataPoints").rejected,
      4U);
}

TEST(OtlpRefusal, WhatIsNotUnderstoodRefusesNothing) {
  for (const char* body :
       {"", "{}", "[]", "null", "{\"partialSuccess\":7}", "{\"partialSuccess\":{}}", "\xff", "{",
        R"({"partialSuccess":{"rejectedSpans":"-3"}})",
        R"({"partialSuccess":{"rejectedSpans":-3}})",
        R"({"partialSuccess":{"rejectedSpans":"3x"}})",
        R"({"partialSuccess":{"rejectedSpans":"99999999999999999999999"}})",
        R"({"partialSuccess":{"rejectedSpans":[1],"errorMessage":{}}})"}) {
    const OtlpRefusal refusal = otlp_refusal(body, "rejectedSpans");
    EXPECT_EQ(refusal.rejected, 0U) << body;
    EXPECT_EQ(refusal.message, "") << body;
  }
}

}  // namespace
}  // namespace squall::reports
