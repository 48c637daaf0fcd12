#include "tests/support/sample_record.hpp"

#include <algorithm>
#include <utility>

#include "loadgen/base/rng.hpp"

namespace squall::testing {
namespace {

using namespace std::chrono_literals;
using model::AttemptClass;
using model::EffectVerdict;
using model::Exposure;
using model::OperationOutcome;
using model::Phase;
using model::RunRecord;

constexpr std::uint16_t kBrowse = 0;
constexpr std::uint16_t kCharge = 1;
constexpr std::uint16_t kLostAck = 0;
constexpr std::uint16_t kTwins = 1;

// Values spread evenly on a logarithmic scale, so percentiles are easy to tell apart.
void spread(stats::Histogram& histogram, std::uint64_t count, std::int64_t low, std::int64_t high) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t step = i * 1000 / std::max<std::uint64_t>(count, 1);
    histogram.record(low + static_cast<std::int64_t>(step * step) * (high - low) / 1'000'000);
  }
}

void add_operations(RunRecord& record, model::OperationKey key, std::uint64_t count,
                    std::int64_t low_us, std::int64_t high_us) {
  auto& histogram =
      record.operations.try_emplace(key, stats::Histogram(stats::kSpanLayout)).first->second;
  spread(histogram, count, low_us, high_us);
}

void add_attempts(RunRecord& record, model::AttemptKey key, std::uint64_t count,
                  std::int64_t low_us, std::int64_t high_us) {
  auto& spans = record.attempts[key];
  spread(spans.response, count, low_us, high_us);
  if (key.how == AttemptClass::kDropped) {
    return;
  }
  spread(spans.lag, count, 200, 60'000);
  if (key.how == AttemptClass::kRefused) {
    return;
  }
  spread(spans.queue, count, 3, 900);
  spread(spans.service, count, low_us, high_us);
}

void add_identity(RunRecord& record) {
  record.squall_version = "0.1.0";
  record.plan_name = "checkout";
  record.plan_file = "plans/checkout.toml";
  record.seed = 7;
  record.run_id = "r-20231114-221320-7";
  record.plan_digest = {0x0123456789abcdefULL, 0xfedcba9876543210ULL};
  record.command = "squall run plans/checkout.toml --seed 7 --run-id r-20231114-221320-7";
  record.started = WallTime(1'700'000'000s);
  record.warmup = 2s;
  record.planned_duration = 20s;
  record.measured_duration = 20s;
  record.drain_used = 1'250ms;
  record.engine = "native: HTTP/1.1 without TLS";
  record.threads = 1;
  record.connections = 64;
  record.pace = "timer: 2 cores, 1 worker, target on this host";
  record.host = "Linux 6.1.0, 2 cores";
  record.cpu_user_s = 1.75;
  record.cpu_system_s = 2.5;
  record.scenarios = {{"buy", model::LoadModel::kPartlyOpen, "poisson 100/s"}};
  record.steps = {{"buy.browse", "GET /products", "shop", false},
                  {"buy.charge", "POST /payments", "shop", true}};
}

void add_measurements(RunRecord& record) {
  const auto operations = [&](std::uint16_t step, Exposure exposure, OperationOutcome outcome,
                              std::uint64_t count, std::int64_t low_us, std::int64_t high_us) {
    add_operations(record, {step, Phase::kMeasured, exposure, outcome}, count, low_us, high_us);
  };
  const auto attempts = [&](std::uint16_t step, Exposure exposure, AttemptClass how,
                            std::uint64_t count, std::int64_t low_us, std::int64_t high_us) {
    add_attempts(record, {step, Phase::kMeasured, exposure, how}, count, low_us, high_us);
  };
  add_operations(record, {kCharge, Phase::kWarmup, Exposure::kClean, OperationOutcome::kAcked}, 400,
                 900, 40'000);
  add_attempts(record, {kCharge, Phase::kWarmup, Exposure::kClean, AttemptClass::kSuccess}, 400,
               900, 40'000);
  operations(kBrowse, Exposure::kClean, OperationOutcome::kAcked, 3990, 300, 9'000);
  operations(kBrowse, Exposure::kClean, OperationOutcome::kNotSent, 10, 1'100'000, 1'200'000);
  attempts(kBrowse, Exposure::kClean, AttemptClass::kSuccess, 3990, 300, 9'000);
  attempts(kBrowse, Exposure::kClean, AttemptClass::kDropped, 10, 1'100'000, 1'200'000);
  operations(kCharge, Exposure::kClean, OperationOutcome::kAcked, 3400, 800, 48'000);
  operations(kCharge, Exposure::kClean, OperationOutcome::kRejected, 6, 700, 2'000);
  attempts(kCharge, Exposure::kClean, AttemptClass::kSuccess, 3400, 800, 48'000);
  attempts(kCharge, Exposure::kClean, AttemptClass::kClientError, 6, 700, 2'000);
  operations(kCharge, Exposure::kFaulted, OperationOutcome::kAcked, 582, 1'000, 420'000);
  operations(kCharge, Exposure::kFaulted, OperationOutcome::kUnknown, 12, 2'000'000, 2'100'000);
  attempts(kCharge, Exposure::kFaulted, AttemptClass::kSuccess, 978, 1'000, 320'000);
  attempts(kCharge, Exposure::kFaulted, AttemptClass::kCut, 201, 3'000, 60'000);
  attempts(kCharge, Exposure::kFaulted, AttemptClass::kTimeout, 12, 2'000'000, 2'100'000);
  record.endings = {
      {"buy.browse", AttemptClass::kSuccess, 200, 3990, {}},
      {"buy.browse", AttemptClass::kDropped, 0, 10, {{19'900ms, 3990, "never taken up"}}},
      {"buy.charge", AttemptClass::kSuccess, 201, 4778, {}},
      {"buy.charge",
       AttemptClass::kClientError,
       409,
       6,
       {{2'340ms, 468, R"({"error":"key in use"})"}, {7'100ms, 1421, R"({"error":"key in use"})"}}},
      {"buy.charge", AttemptClass::kCut, 0, 201, {{5'020ms, 1004, ""}}},
      {"buy.charge", AttemptClass::kTimeout, 0, 12, {{8'010ms, 1201, "no answer in 2s"}}}};
  record.totals.due = 8000;
  record.totals.started = 7990;
  record.totals.dropped = 10;
  record.totals.completed = 8000;
  record.totals.attempts = 8987;
  record.totals.retries = 189;
  record.totals.retries_denied = 12;
  record.totals.bytes_sent = 2'345'678;
  record.totals.bytes_received = 3'456'789;
  record.totals.connections_opened = 312;
  record.totals.closed_before_send = 4;
  record.totals.loop_busy_ns = 4'100'000'000;
  record.totals.loop_idle_ns = 15'800'000'000;
  record.totals.loop_spin_ns = 0;
}

void add_seconds(RunRecord& record) {
  for (std::int64_t second = -2; second < 20; ++second) {
    model::SecondSummary summary;
    summary.second = second;
    summary.counters.due = 400;
    summary.counters.started = second == 12 ? 390 : 400;
    summary.counters.dropped = second == 12 ? 10 : 0;
    summary.counters.completed = 400;
    summary.counters.attempts = 449;
    summary.counters.retries = second >= 5 ? 10 : 0;
    summary.counters.bytes_sent = 117'000;
    summary.counters.bytes_received = 172'000;
    summary.not_acked = second == 12 ? 28 : 0;
    summary.acked = 400 - summary.not_acked;
    summary.attempts_failed = second >= 5 ? 14 : 0;
    summary.in_flight = 7;
    summary.waiting = second == 12 ? 31 : 0;
    summary.connections = 64;
    summary.response_p50_us = second == 3 ? -1 : 9'000 + second * 100;
    summary.response_p90_us = second == 3 ? -1 : 30'000 + second * 100;
    summary.response_p99_us = second == 3 ? -1 : 45'000 + second * 100;
    summary.response_max_us = second == 3 ? -1 : 48'000 + second * 100;
    summary.lag_p50_ns = 15'000;
    summary.lag_p99_ns = second == 12 ? 14'000'000 : 55'000;
    summary.faults = {{20, 10, 10, 0}, {40, 20, 20, 0}, {40, 4, 4, 0}};
    summary.classes[static_cast<std::size_t>(AttemptClass::kSuccess)] = 435;
    summary.classes[static_cast<std::size_t>(AttemptClass::kCut)] = 10;
    summary.classes[static_cast<std::size_t>(AttemptClass::kTimeout)] = second >= 5 ? 4 : 0;
    summary.effect_attempts = 220;
    record.seconds.push_back(std::move(summary));
  }
}

void add_faults(RunRecord& record) {
  record.faults = {{"lost-ack",
                    "drop",
                    {"buy.charge"},
                    "drop after_send, share 5%, 5s to 15s",
                    {4000, 201, 201, 0},
                    {}},
                   {"twins",
                    "duplicate",
                    {"buy.charge"},
                    "2 copies together, share 10%",
                    {4000, 398, 398, 0},
                    {}},
                   {"slow-send",
                    "latency",
                    {"buy.browse", "buy.charge"},
                    "lognormal 80ms before send, share 1%",
                    {8000, 77, 75, 2},
                    {"buy.charge operation 3991: the connection was reset before the hold"}}};
}

model::EffectAttempt attempt_of(const model::EffectOperation& operation, std::uint32_t attempt,
                                std::uint32_t copy, Duration first_byte, Duration took,
                                AttemptClass how, int status, std::vector<std::uint16_t> faults) {
  model::EffectAttempt result;
  result.step = operation.step;
  result.arrival = operation.arrival;
  result.attempt = attempt;
  result.copy = copy;
  result.key = operation.key;
  result.intended = first_byte - 200us;
  result.first_byte = first_byte;
  result.end = first_byte + took;
  result.how = how;
  result.status = status;
  result.bytes_sent = 293;
  result.faults = std::move(faults);
  return result;
}

model::EffectCase case_of(EffectVerdict verdict, std::uint64_t arrival, std::string key,
                          OperationOutcome outcome, std::uint64_t effects) {
  model::EffectCase wrong;
  wrong.verdict = verdict;
  wrong.operation = {kCharge, arrival, std::move(key), outcome, Exposure::kFaulted, 2};
  wrong.effects = effects;
  wrong.curl = "curl -sS -X POST 'http://127.0.0.1:8080/payments' \\\n  -H 'Idempotency-Key: " +
               wrong.operation.key +
               "' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -d '{\"amount\":1999}'";
  return wrong;
}

void add_effects(RunRecord& record) {
  record.effects.counted = true;
  record.effects.steps = {{"buy.charge", 4400, {4382, 6, 12, 0}, {4368, 1, 31, 0, 0}, 4424}};
  record.effects.oracles = {{"ledger", "http", 120, 4544, 1'300ms, true, 0, ""},
                            {"webhooks", "sink", 0, 4420, 2s, false, 3, ""}};
  record.effects.disagreements = {"key 0f5c0000-0000-8000-8000-0000000007c1: ledger 2, webhooks 1"};
  record.effects.disagreement_count = 4;
  record.effects.origins = {{"buy.charge", EffectVerdict::kDuplicate, {kTwins}, false, 26},
                            {"buy.charge", EffectVerdict::kDuplicate, {kLostAck}, true, 5},
                            {"buy.charge", EffectVerdict::kLost, {}, false, 1}};

  auto twins = case_of(EffectVerdict::kDuplicate, 1985, "0f5c0000-0000-8000-8000-0000000007c1",
                       OperationOutcome::kAcked, 2);
  twins.timeline = {
      attempt_of(twins.operation, 0, 0, 9'925'200us, 31ms, AttemptClass::kSuccess, 201, {kTwins}),
      attempt_of(twins.operation, 0, 1, 9'925'201us, 33ms, AttemptClass::kSuccess, 201, {kTwins})};
  auto lost_ack = case_of(EffectVerdict::kDuplicate, 2217, "0f5c0000-0000-8000-8000-0000000008a9",
                          OperationOutcome::kAcked, 2);
  lost_ack.timeline = {
      attempt_of(lost_ack.operation, 0, 0, 11'085'100us, 2ms, AttemptClass::kCut, 0, {kLostAck}),
      attempt_of(lost_ack.operation, 1, 0, 11'171'400us, 28ms, AttemptClass::kSuccess, 201, {})};
  auto lost = case_of(EffectVerdict::kLost, 3991, "0f5c0000-0000-8000-8000-000000000f97",
                      OperationOutcome::kAcked, 0);
  lost.operation.attempts = 1;
  lost.operation.exposure = Exposure::kClean;
  lost.timeline = {
      attempt_of(lost.operation, 0, 0, 19'955'500us, 9ms, AttemptClass::kSuccess, 200, {})};
  lost.timeline.front().detail = "status \"pending\"";
  record.effects.cases = {std::move(twins), std::move(lost_ack), std::move(lost)};
}

void add_judgement(RunRecord& record) {
  record.checks = {
      {"buy.charge response p99 < 500ms", model::Verdict::kPass, false, 398'000'000, 500'000'000,
       "398ms", 4000, ""},
      {"buy.charge clean response p99 < 100ms", model::Verdict::kInvalid, false, 47'000'000,
       100'000'000, "47.0ms", 3406,
       "the measurement is invalid from 12s on: lag p99 was 14.0ms, the limit is 10.0ms"},
      {"error_rate < 1%", model::Verdict::kPass, false, 0.0035, 0.01, "0.35%", 8000,
       "28 of 8000 operations"},
      {"faulted response p99.9 < 3s", model::Verdict::kInconclusive, false, 2'100'000'000,
       3'000'000'000, "2.1s", 594,
       "594 samples, 0 at or beyond the bound: too few to tell a p99.9"},
      {"duplicate_effects == 0", model::Verdict::kFail, true, 31, 0, "31", 4400, ""}};
  model::Finding finding;
  finding.detector = "double-charge";
  finding.id = "double-charge:buy.charge";
  finding.verdict = model::Verdict::kFail;
  finding.about_effects = true;
  finding.required = true;
  finding.summary = "31 of 4400 operations of buy.charge were done more than once";
  finding.evidence = {"share of all operations: 0.70%, 95% interval 0.48% to 1.00%",
                      "26 touched by twins (duplicate), not retried",
                      "operation 1985, key 0f5c0000-0000-8000-8000-0000000007c1: acked, 2 effects",
                      "  +9.925s  attempt 1: 201 success after 31ms, 293 B sent [twins]"};
  finding.remedies = {"claim the key atomically before the work"};
  finding.reproducer = "squall replay DIR --key 0f5c0000-0000-8000-8000-0000000007c1";
  record.findings = {std::move(finding)};
  record.verdict = model::Verdict::kFail;
  record.exit_code = model::ExitCode::kCorrectness;
  record.reasons = {
      "duplicate_effects == 0: it was 31",
      "double-charge:buy.charge: 31 of 4400 operations of buy.charge were done more than once",
      "warning: the oracles disagree about 4 keys"};
}

void poison_all(std::vector<std::string>& texts, const std::string& poison) {
  for (std::string& text : texts) {
    text += poison;
  }
}

void poison_effects(model::EffectReport& effects, const std::string& poison) {
  for (auto& step : effects.steps) {
    step.step += poison;
  }
  for (auto& origin : effects.origins) {
    origin.step += poison;
  }
  for (auto& oracle : effects.oracles) {
    oracle.name += poison;
    oracle.kind += poison;
    oracle.problem += poison;
  }
  poison_all(effects.disagreements, poison);
  for (auto& wrong : effects.cases) {
    wrong.operation.key += poison;
    wrong.curl += poison;
    for (auto& attempt : wrong.timeline) {
      attempt.key += poison;
      attempt.detail += poison;
    }
  }
}

void poison_judgement(RunRecord& record, const std::string& poison) {
  for (auto& check : record.checks) {
    check.source += poison;
    check.value_text += poison;
    check.note += poison;
  }
  for (auto& finding : record.findings) {
    finding.detector += poison;
    finding.id += poison;
    finding.summary += poison;
    poison_all(finding.evidence, poison);
    poison_all(finding.remedies, poison);
    finding.reproducer += poison;
  }
  poison_all(record.reasons, poison);
}

}  // namespace

RunRecord sample_record() {
  RunRecord record;
  add_identity(record);
  add_measurements(record);
  add_seconds(record);
  add_faults(record);
  add_effects(record);
  record.events = {{-2s, "phase", "warm-up"},
                   {0s, "phase", "measured"},
                   {12'400ms, "invalid", "lag p99 was 14.0ms, the limit is 10.0ms"},
                   {20s, "phase", "drain"}};
  record.breaches = {{"lag p99 was 14.0ms, the limit is 10.0ms", 12, false}};
  add_judgement(record);
  return record;
}

RunRecord clean_record() {
  RunRecord record = sample_record();
  record.effects.steps.front().verdicts = {4400, 0, 0, 0, 0};
  record.effects.steps.front().effects = 4400;
  record.effects.oracles = {{"ledger", "http", 120, 4520, 1'300ms, true, 0, ""}};
  record.effects.disagreements.clear();
  record.effects.disagreement_count = 0;
  record.effects.cases.clear();
  record.effects.origins.clear();
  record.breaches.clear();
  std::erase_if(record.events,
                [](const model::RunEvent& event) { return event.kind == "invalid"; });
  record.checks = {record.checks.front()};
  record.findings.clear();
  record.verdict = model::Verdict::kPass;
  record.exit_code = model::ExitCode::kPass;
  record.reasons.clear();
  return record;
}

RunRecord hostile_record(const std::string& poison) {
  RunRecord record = sample_record();
  for (std::string* text :
       {&record.squall_version, &record.plan_name, &record.plan_file, &record.run_id,
        &record.command, &record.engine, &record.pace, &record.host}) {
    *text += poison;
  }
  for (auto& scenario : record.scenarios) {
    scenario.name += poison;
    scenario.load += poison;
  }
  for (auto& step : record.steps) {
    step.name += poison;
    step.request += poison;
    step.target += poison;
  }
  for (auto& fault : record.faults) {
    fault.name += poison;
    fault.kind += poison;
    poison_all(fault.steps, poison);
    fault.summary += poison;
    poison_all(fault.unfired, poison);
  }
  record.endings = {{"buy.charge" + poison,
                     model::AttemptClass::kServerError,
                     503,
                     4,
                     {{std::chrono::milliseconds(1234), 17, "answer" + poison}}}};
  record.unmet = {{"buy.charge" + poison, "body contains \"" + poison, 3}};
  poison_effects(record.effects, poison);
  for (auto& event : record.events) {
    event.kind += poison;
    event.text += poison;
  }
  for (auto& breach : record.breaches) {
    breach.reason += poison;
  }
  poison_judgement(record, poison);
  return record;
}

std::string poison_text() {
  return std::string(
             "=\"'<&>]]>-->`|*_{}[](x)#+-.!~^\\,;\t\r\n%{{x}}$(id)@everyone #1 https://x.test/ ") +
         "\x1b[31mred\x1b]0;t\x07\xff\xfe\xc3(\xed\xa0\x80 \xef\xbf\xbe \xc2\x9b" +
         std::string(1, '\0') + "\u202e```\n=cmd|' /C calc'!A0";
}

}  // namespace squall::testing
