#include "reports/live/json_view.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace squall::reports {
namespace {

using Json = nlohmann::ordered_json;
using model::Stage;

constexpr int kFormat = 1;

Json optional(std::int64_t value) {
  return value < 0 ? Json(nullptr) : Json(value);
}

// What the kernel and targets give need not be UTF-8.
std::string line_of(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json classes_of(const model::SecondSummary& second) {
  Json classes = Json::object();
  for (std::size_t i = 0; i < second.classes.size(); ++i) {
    if (second.classes[i] > 0) {
      classes[std::string(model::to_string(static_cast<model::AttemptClass>(i)))] =
          second.classes[i];
    }
  }
  return classes;
}

Json faults_of(const std::vector<model::FaultCounts>& counts,
               const std::vector<std::string>& names) {
  Json faults = Json::array();
  for (std::size_t i = 0; i < counts.size() && i < names.size(); ++i) {
    faults.push_back({{"name", names[i]},
                      {"eligible", counts[i].eligible},
                      {"planned", counts[i].planned},
                      {"fired", counts[i].fired}});
  }
  return faults;
}

Json checks_of(const model::RunRecord& record) {
  Json checks = Json::array();
  for (const model::CheckResult& check : record.checks) {
    checks.push_back({{"check", check.source},
                      {"verdict", model::to_string(check.verdict)},
                      {"value", check.value_text},
                      {"samples", check.samples}});
  }
  return checks;
}

Json findings_of(const model::RunRecord& record) {
  Json findings = Json::array();
  for (const model::Finding& finding : record.findings) {
    findings.push_back({{"id", finding.id},
                        {"detector", finding.detector},
                        {"verdict", model::to_string(finding.verdict)},
                        {"required", finding.required},
                        {"summary", finding.summary}});
  }
  return findings;
}

}  // namespace

std::string_view key_of(Stage stage) {
  switch (stage) {
    case Stage::kServices:
      return "services";
    case Stage::kSetup:
      return "setup";
    case Stage::kPreflight:
      return "preflight";
    case Stage::kSkew:
      return "skew";
    case Stage::kBaseline:
      return "baseline";
    case Stage::kWarmup:
      return "warmup";
    case Stage::kMeasured:
      return "measured";
    case Stage::kVerify:
      return "verify";
    case Stage::kDrain:
      return "drain";
    case Stage::kSettle:
      return "settle";
    case Stage::kJudge:
      return "judge";
    case Stage::kTeardown:
      return "teardown";
  }
  return "";
}

std::string json_end_line(const model::RunRecord& record, const std::string& directory) {
  Json line = {{"type", "end"},
               {"verdict", model::to_string(record.verdict)},
               {"exit_code", static_cast<int>(record.exit_code)},
               {"reasons", record.reasons},
               {"run_id", record.run_id},
               {"directory", directory},
               {"measured_ns", record.measured_duration.count()},
               {"interrupted", record.interrupted},
               {"checks", checks_of(record)},
               {"findings", findings_of(record)},
               {"command", record.command}};
  if (!record.capacity.stages.empty()) {
    line["capacity_per_s"] = record.capacity.rate.per_second;
    line["capacity_confirmed"] = record.capacity.confirmed;
  }
  return line_of(line);
}

std::string json_refusal_line(model::ExitCode code) {
  return line_of({{"type", "end"},
                  {"verdict", nullptr},
                  {"exit_code", static_cast<int>(code)},
                  {"reasons", Json::array({model::meaning(code)})}});
}

JsonView::JsonView(Writer writer, std::function<bool()> busy)
    : writer_(std::move(writer)), busy_(std::move(busy)) {}

void JsonView::begin(const model::Plan& plan) {
  faults_.clear();
  for (const model::PlannedFault& fault : plan.faults) {
    faults_.push_back(fault.name);
  }
  write(line_of({{"type", "begin"},
                 {"format", kFormat},
                 {"plan", plan.name},
                 {"seed", plan.seed},
                 {"run_id", plan.run_id},
                 {"warmup_ns", plan.load.warmup.count()},
                 {"duration_ns", plan.load.duration.count()}}));
}

void JsonView::stage(Stage stage, std::string_view detail) {
  write(line_of({{"type", "stage"}, {"stage", key_of(stage)}, {"detail", detail}}));
}

void JsonView::second(const model::SecondSummary& second) {
  const model::Counters& counters = second.counters;
  write(line_of({{"type", "second"},
                 {"second", second.second},
                 {"due", counters.due},
                 {"started", counters.started},
                 {"dropped", counters.dropped},
                 {"completed", counters.completed},
                 {"acked", second.acked},
                 {"not_acked", second.not_acked},
                 {"attempts", counters.attempts},
                 {"attempts_failed", second.attempts_failed},
                 {"retries", counters.retries},
                 {"classes", classes_of(second)},
                 {"in_flight", second.in_flight},
                 {"waiting", second.waiting},
                 {"connections", second.connections},
                 {"sent_bytes", counters.bytes_sent},
                 {"received_bytes", counters.bytes_received},
                 {"response_p50_us", optional(second.response_p50_us)},
                 {"response_p90_us", optional(second.response_p90_us)},
                 {"response_p99_us", optional(second.response_p99_us)},
                 {"response_max_us", optional(second.response_max_us)},
                 {"lag_p50_ns", optional(second.lag_p50_ns)},
                 {"lag_p99_ns", optional(second.lag_p99_ns)},
                 {"faults", faults_of(second.faults, faults_)},
                 {"effect_attempts", second.effect_attempts}}));
}

void JsonView::event(const model::RunEvent& event) {
  write(line_of({{"type", "event"},
                 {"at_ns", event.at.count()},
                 {"kind", event.kind},
                 {"text", event.text}}));
}

void JsonView::end(const model::RunRecord& /*record*/) {
  rest_ += take_lost();
  busy_ = {};
  write_rest();
}

std::string JsonView::take_lost() {
  const std::uint64_t lines = std::exchange(lost_, 0);
  return lines == 0 ? std::string() : line_of({{"type", "lost"}, {"lines", lines}});
}

void JsonView::write(const std::string& line) {
  if (!write_rest() || (busy_ && busy_())) {
    ++lost_;
    return;
  }
  rest_ = take_lost() + line;
  write_rest();
}

// False when some of it waits for the reader.
bool JsonView::write_rest() {
  while (!gone_ && !rest_.empty()) {
    if (busy_ && busy_()) {
      return false;
    }
    const std::size_t piece = busy_ ? std::min(kPieceBytes, rest_.size()) : rest_.size();
    gone_ = !writer_ || !writer_(std::string_view(rest_).substr(0, piece));
    rest_.erase(0, piece);
  }
  return true;
}

}  // namespace squall::reports
