#include "reports/live/otlp_json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/check.hpp"
#include "loadgen/base/trace_ids.hpp"
#include "reports/live/response_buckets.hpp"

namespace squall::reports {
namespace {

using Json = nlohmann::json;

// Of opentelemetry.proto.trace.v1 and metrics.v1.
constexpr int kSpanKindClient = 3;
constexpr int kStatusError = 2;
constexpr int kCumulative = 2;
constexpr int kSampled = 1;  // the flags of the traceparent

std::string digits(std::uint64_t value) {
  return std::to_string(value);
}
std::string nanoseconds(WallTime at) {
  return std::to_string(at.time_since_epoch().count());
}

Json text_attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}
Json integer_attribute(std::string_view key, std::uint64_t value) {
  return {{"key", key}, {"value", {{"intValue", digits(value)}}}};
}

// Shards of a run are different sources of the same figures.
std::string instance_of(const OtlpSource& source) {
  return source.shard.is_whole() ? source.run_id
                                 : fmt::format("{}/{}", source.run_id, source.shard.index);
}

Json resource_of(const OtlpSource& source) {
  Json attributes = {text_attribute("service.name", "squall"),
                     text_attribute("service.version", source.version),
                     text_attribute("service.instance.id", instance_of(source)),
                     text_attribute("squall.plan", source.plan),
                     text_attribute("squall.run_id", source.run_id),
                     text_attribute("squall.seed", digits(source.seed))};
  return {{"attributes", std::move(attributes)}};
}

Json scope_of(const OtlpSource& source) {
  return {{"name", "squall"}, {"version", source.version}};
}

// Names come from plans, which may hold anything that TOML allows; what is no UTF-8 is replaced.
std::string written(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json span_json(const OtlpSource& source, WallTime zero, const model::OperationSpan& span) {
  std::string trace;
  SQUALL_CHECK(append_trace_id(span.key, trace));
  std::string id;
  append_hex64(span_bits(trace), id);
  const std::string& step = source.steps.at(span.step);
  Json attributes = {text_attribute("squall.step", step),
                     integer_attribute("squall.arrival", span.arrival),
                     integer_attribute("squall.visit", span.visit),
                     text_attribute("squall.outcome", model::to_string(span.outcome)),
                     text_attribute("squall.class", model::to_string(span.how)),
                     integer_attribute("squall.attempts", span.attempts),
                     text_attribute("squall.exposure", model::to_string(span.exposure))};
  if (span.status > 0) {
    attributes.push_back(
        integer_attribute("http.response.status_code", static_cast<std::uint64_t>(span.status)));
  }
  Json json = {{"traceId", trace},
               {"spanId", id},
               {"flags", kSampled},
               {"name", step},
               {"kind", kSpanKindClient},
               {"startTimeUnixNano", nanoseconds(zero + span.intended)},
               {"endTimeUnixNano", nanoseconds(zero + std::max(span.intended, span.end))},
               {"attributes", std::move(attributes)}};
  if (span.outcome != model::OperationOutcome::kAcked) {
    json["status"] = {{"code", kStatusError},
                      {"message", fmt::format("{}: {}", model::to_string(span.outcome),
                                              model::to_string(span.how))}};
  }
  return json;
}

// Writes metrics with the times that they all have.
class MetricWriter {
 public:
  MetricWriter(WallTime start, WallTime now) : start_(nanoseconds(start)), now_(nanoseconds(now)) {}

  [[nodiscard]] Json point() const {
    return {{"startTimeUnixNano", start_}, {"timeUnixNano", now_}};
  }
  void sum(const char* name, const char* unit, const char* what, std::uint64_t value) {
    Json one = point();
    one["asInt"] = digits(value);
    sums(name, unit, what, Json::array({std::move(one)}));
  }
  void sums(const char* name, const char* unit, const char* what, Json points) {
    add(name, unit, what, "sum",
        {{"dataPoints", std::move(points)},
         {"aggregationTemporality", kCumulative},
         {"isMonotonic", true}});
  }
  void gauge(const char* name, const char* unit, const char* what, std::uint64_t value) {
    add(name, unit, what, "gauge",
        {{"dataPoints", Json::array({{{"timeUnixNano", now_}, {"asInt", digits(value)}}})}});
  }
  void gauge_seconds(const char* name, const char* what, double seconds) {
    add(name, "s", what, "gauge",
        {{"dataPoints", Json::array({{{"timeUnixNano", now_}, {"asDouble", seconds}}})}});
  }
  void add(const char* name, const char* unit, const char* what, const char* kind, Json data) {
    metrics_.push_back(
        {{"name", name}, {"unit", unit}, {"description", what}, {kind, std::move(data)}});
  }
  [[nodiscard]] Json take() { return std::move(metrics_); }

 private:
  std::string start_;
  std::string now_;
  Json metrics_ = Json::array();
};

Json histogram_point(const MetricWriter& writer, const std::string& step,
                     const model::ResponseCells& cells) {
  constexpr double kMicrosecondsPerSecond = 1e6;
  const ResponseBuckets buckets = buckets_of(cells);
  Json bounds = Json::array();
  for (const std::int64_t bound : buckets.bounds_us) {
    bounds.push_back(static_cast<double>(bound) / kMicrosecondsPerSecond);
  }
  Json counts = Json::array();
  std::uint64_t all = 0;
  for (const std::uint64_t count : buckets.counts) {
    counts.push_back(digits(count));
    all += count;
  }
  Json point = writer.point();
  point["attributes"] = {text_attribute("squall.step", step),
                         text_attribute("squall.exposure", model::to_string(cells.exposure))};
  point["count"] = digits(all);
  point["sum"] = buckets.sum_seconds;
  point["bucketCounts"] = std::move(counts);
  point["explicitBounds"] = std::move(bounds);
  return point;
}

std::uint64_t count_of(const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>();
  }
  std::uint64_t count = 0;
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
      return 0;
    }
  }
  return count;
}

}  // namespace

OtlpSource otlp_source(const model::Plan& plan, std::string squall_version) {
  OtlpSource source{.version = std::move(squall_version),
                    .plan = plan.name,
                    .run_id = plan.run_id,
                    .seed = plan.seed,
                    .shard = plan.load.shard,
                    .steps = {}};
  for (const model::Step& step : plan.steps) {
    source.steps.push_back(step.full_name);
  }
  return source;
}

std::string otlp_traces(const OtlpSource& source, WallTime zero,
                        std::span<const model::OperationSpan> spans) {
  Json all = Json::array();
  for (const model::OperationSpan& span : spans) {
    all.push_back(span_json(source, zero, span));
  }
  Json scope = {{"scope", scope_of(source)}, {"spans", std::move(all)}};
  Json resource = {{"resource", resource_of(source)},
                   {"scopeSpans", Json::array({std::move(scope)})}};
  return written({{"resourceSpans", Json::array({std::move(resource)})}});
}

void OtlpFigures::add(const model::SecondSummary& second) {
  totals_.add(second.counters);
  acked_ += second.acked;
  not_acked_ += second.not_acked;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    classes_[i] += second.classes[i];
  }
  for (const model::ResponseCells& cells : second.cells) {
    model::ResponseCells labelled = cells;
    labelled.step = cells.step < kLabelledSteps ? cells.step : model::kOverflowStep;
    model::merge_cells(cells_, labelled);
  }
  in_flight_ = second.in_flight;
  waiting_ = second.waiting;
  connections_ = second.connections;
  lag_p99_ns_ = second.lag_p99_ns;
}

std::string OtlpFigures::json(const OtlpSource& source, WallTime now) const {
  MetricWriter writer(start_, now);
  writer.sum("squall.arrivals.due", "{arrival}", "Arrivals that were due.", totals_.due);
  writer.sum("squall.arrivals.started", "{arrival}", "Arrivals that were taken up.",
             totals_.started);
  writer.sum("squall.arrivals.dropped", "{arrival}", "Arrivals that were given up.",
             totals_.dropped);
  writer.sum("squall.operations.acked", "{operation}", "Operations that were acked.", acked_);
  writer.sum("squall.operations.not_acked", "{operation}",
             "Operations that ended otherwise, dropped arrivals included.", not_acked_);
  Json classes = Json::array();
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    Json point = writer.point();
    point["attributes"] = Json::array(
        {text_attribute("squall.class", model::to_string(static_cast<model::AttemptClass>(i)))});
    point["asInt"] = digits(classes_.at(i));
    classes.push_back(std::move(point));
  }
  writer.sums("squall.attempts.ended", "{attempt}", "Attempts and copies that ended, by class.",
              std::move(classes));
  writer.gauge("squall.operations.in_flight", "{operation}", "Operations under way.", in_flight_);
  writer.gauge("squall.arrivals.waiting", "{arrival}", "Arrivals that wait for a connection.",
               waiting_);
  writer.gauge("squall.connections.open", "{connection}", "Connections to targets.", connections_);
  if (lag_p99_ns_ >= 0) {
    constexpr double kNanosecondsPerSecond = 1e9;
    writer.gauge_seconds("squall.generator.lag_p99",
                         "How late squall itself took arrivals up in the last second, 99th "
                         "percentile.",
                         static_cast<double>(lag_p99_ns_) / kNanosecondsPerSecond);
  }
  Json responses = Json::array();
  for (const model::ResponseCells& cells : cells_) {
    const bool known = cells.step < source.steps.size();
    responses.push_back(
        histogram_point(writer, known ? source.steps[cells.step] : "(other)", cells));
  }
  if (!responses.empty()) {
    writer.add("squall.operation.response", "s",
               "Response of operations from the planned send time. What was given up is above all "
               "bounds; the sum is within 6%, without what was given up.",
               "histogram",
               {{"dataPoints", std::move(responses)}, {"aggregationTemporality", kCumulative}});
  }
  Json scope = {{"scope", scope_of(source)}, {"metrics", writer.take()}};
  Json resource = {{"resource", resource_of(source)},
                   {"scopeMetrics", Json::array({std::move(scope)})}};
  return written({{"resourceMetrics", Json::array({std::move(resource)})}});
}

OtlpRefusal otlp_refusal(std::string_view body, std::string_view counted) {
  OtlpRefusal refusal;
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) {
    return refusal;
  }
  const auto partial = answer.find("partialSuccess");
  if (partial == answer.end() || !partial->is_object()) {
    return refusal;
  }
  if (const auto rejected = partial->find(std::string(counted)); rejected != partial->end()) {
    refusal.rejected = count_of(*rejected);
  }
  if (const auto message = partial->find("errorMessage");
      message != partial->end() && message->is_string()) {
    refusal.message = message->get<std::string>();
  }
  return refusal;
}

}  // namespace squall::reports
