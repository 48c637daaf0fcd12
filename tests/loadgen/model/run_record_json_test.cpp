#include "loadgen/model/run_record.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/stats/histogram_codec.hpp"
#include "tests/loadgen/model/random_record.hpp"

namespace squall::model {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A record of a second as the journal writes it: most of it is empty, and steps have no names.
RunRecord sparse_record() {
  RunRecord record;
  record.totals.due = 7;
  record.attempts[{3, Phase::kMeasured, Exposure::kClean, AttemptClass::kSuccess}].response.record(
      5);
  record.operations[{3, Phase::kWarmup, Exposure::kFaulted, OperationOutcome::kAcked}].record(9);
  return record;
}

// Both texts show every field, so equal texts in both styles mean equal records; the fields that
// the texts could both forget are guarded by EveryFieldIsWritten.
void expect_round_trip(const RunRecord& record) {
  const std::string full = to_json(record);
  const Result<RunRecord> from_full = record_from_json(full);
  ASSERT_TRUE(from_full.has_value()) << to_string(from_full.error());
  EXPECT_EQ(to_json(*from_full), full);
  const std::string line = to_json_line(record);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const Result<RunRecord> from_line = record_from_json(line);
  ASSERT_TRUE(from_line.has_value()) << to_string(from_line.error());
  EXPECT_EQ(to_json(*from_line), full);
  EXPECT_EQ(to_json_line(*from_full), line);
}

TEST(RunRecordJson, RoundTripsRandomRecords) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    expect_round_trip(RandomRecord(seed).make());
  }
}

TEST(RunRecordJson, RoundTripsAnEmptyRecordAndASparseOne) {
  expect_round_trip(RunRecord());
  expect_round_trip(sparse_record());
  const Result<RunRecord> back = record_from_json(to_json_line(sparse_record()));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->attempts.begin()->first.step, 3);
  EXPECT_LT(to_json_line(sparse_record()).size(), 900U);
}

TEST(RunRecordJson, KeepsFiguresExactly) {
  const RunRecord record = RandomRecord(77).make();
  const Result<RunRecord> back = record_from_json(to_json(record));
  ASSERT_TRUE(back.has_value()) << to_string(back.error());
  EXPECT_EQ(back->seed, record.seed);
  EXPECT_EQ(back->plan_digest, record.plan_digest);
  EXPECT_EQ(back->started, record.started);
  EXPECT_EQ(back->cpu_user_s, record.cpu_user_s);
  EXPECT_EQ(back->totals.loop_spin_ns, record.totals.loop_spin_ns);
  EXPECT_EQ(back->exit_code, record.exit_code);
  ASSERT_EQ(back->attempts.size(), record.attempts.size());
  for (const auto& [key, spans] : record.attempts) {
    const auto& other = back->attempts.at(key);
    EXPECT_EQ(other.lag.count(), spans.lag.count());
    EXPECT_EQ(other.lag.overflow(), spans.lag.overflow());
    for (const double percentile : {0.0, 50.0, 99.0, 100.0}) {
      EXPECT_EQ(other.response.value_at_percentile(percentile),
                spans.response.value_at_percentile(percentile));
    }
  }
  ASSERT_EQ(back->seconds.size(), record.seconds.size());
  EXPECT_EQ(back->seconds[0].classes, record.seconds[0].classes);
  EXPECT_EQ(back->effects.cases.at(1).timeline.at(1).faults,
            record.effects.cases.at(1).timeline.at(1).faults);
  EXPECT_EQ(back->effects.cases.at(1).timeline.at(1).status,
            record.effects.cases.at(1).timeline.at(1).status);
  EXPECT_EQ(back->effects.origins.at(0).faults, record.effects.origins.at(0).faults);
  EXPECT_EQ(back->faults.at(2).counts.preempted, record.faults.at(2).counts.preempted);
}

// A field that somebody adds to a struct and forgets in the description changes the size of the
// struct and fails here.
TEST(RunRecordJson, EveryFieldIsWritten) {
  EXPECT_EQ(sizeof(Counters), 21 * 8U);
  EXPECT_EQ(sizeof(FaultCounts), 4 * 8U);
  EXPECT_EQ(sizeof(SecondSummary),
            8 + sizeof(Counters) + 3 * 8 + 16 + 6 * 8 + 24 + 13 * 8 + 8 + 3 * 24);
  EXPECT_EQ(sizeof(ResponseCells), 8 + 24U);
  EXPECT_EQ(sizeof(RecordedShard), 8 + 32 + 2 * 4 + 2 * 8U);
  EXPECT_EQ(sizeof(RecordedStep), 3 * 32 + 8U);
  EXPECT_EQ(sizeof(RecordedFault), 3 * 32 + 2 * 24 + sizeof(FaultCounts));
  EXPECT_EQ(sizeof(EffectCounts), 32 + 8 + 4 * 8 + 5 * 8 + 8U);
  EXPECT_EQ(sizeof(OracleReport), 3 * 32 + 6 * 8U);
  EXPECT_EQ(sizeof(EffectOrigin), 32 + 8 + 24 + 8 + 8U);
  EXPECT_EQ(sizeof(EffectReport), 8 + 3 * 24 + 3 * 8 + 2 * 24U);
  EXPECT_EQ(sizeof(EffectAttempt), 8 + 8 + 8 + 32 + 3 * 8 + 8 + 8 + 24 + 32 + 8 + 32U);
  EXPECT_EQ(sizeof(EffectOperation), 8 + 8 + 8 + 32 + 8U);
  EXPECT_EQ(sizeof(EffectCase), 8 + sizeof(EffectOperation) + 8 + 24 + 32U);
  EXPECT_EQ(sizeof(RecordedEnding), 32 + 8 + 8 + 24U);
  EXPECT_EQ(sizeof(EndingExample), 2 * 8 + 32U);
  EXPECT_EQ(sizeof(RunEvent), 8 + 2 * 32U);
  EXPECT_EQ(sizeof(CheckResult), 32 + 8 + 2 * 8 + 32 + 8 + 32U);
  EXPECT_EQ(sizeof(Finding), 2 * 32 + 8 + 32 + 2 * 24 + 32U);
  EXPECT_EQ(sizeof(Breach), 32 + 8 + 8U);
  EXPECT_EQ(sizeof(Capacity), 8 + 8 + 8 + 24 + 24U);
  EXPECT_EQ(sizeof(CapacityStage), 6 * 8 + 8 + 32U);
  EXPECT_EQ(sizeof(RunRecord), 776U + sizeof(Capacity) + sizeof(SkewSweep) + 2 * 24 +
                                   sizeof(Counters) + sizeof(EffectReport) + 3 * 24 +
                                   sizeof(PhaseBounds) + sizeof(DependencyView) + 24 +
                                   sizeof(RecoverySettings) + sizeof(DetectorSettings) + 3 * 16U);
  EXPECT_EQ(sizeof(SkewSweep), 3 * 32 + 24 + 2 * sizeof(SkewEdge) + 11 * 8U);
  EXPECT_EQ(sizeof(SkewEdge), 3 * 8U);
  EXPECT_EQ(sizeof(SkewPoint), 3 * 8U);
  EXPECT_EQ(sizeof(PhaseBounds), 3 * 8U);
  EXPECT_EQ(sizeof(RecoverySettings), 3 * 8U);
  EXPECT_EQ(sizeof(DependencyView), 24 + 8U);
  EXPECT_EQ(sizeof(DependencyProxy), 32 + 48 + 24U);
  EXPECT_EQ(sizeof(DependencySecond), 4 * 8 + 13 * 8 + 2 * 8U);
  EXPECT_EQ(sizeof(StepSecond), 8 + 4 * 8U);
  EXPECT_EQ(sizeof(RecordedProbe), 2 * 32 + 2 * 8 + 24U);
  EXPECT_EQ(sizeof(ProbeAnswer), 8 + 8 + 8 + 32U);
}

TEST(RunRecordJson, ReadsLikeARecordForPeople) {
  RunRecord record;
  record.plan_name = "checkout";
  record.started = WallTime(std::chrono::seconds(1'700'000'000));
  record.exit_code = ExitCode::kCorrectness;
  record.verdict = Verdict::kFail;
  record.steps.push_back({"buy.charge", "POST /payments", "shop", true});
  auto& spans = record.attempts[{0, Phase::kMeasured, Exposure::kClean, AttemptClass::kSuccess}];
  for (int i = 1; i <= 1000; ++i) {
    spans.response.record(i);
  }
  record.seconds.resize(2);
  record.seconds[1].response_p50_us = 17;
  const std::string text = to_json(record);
  EXPECT_THAT(text, StartsWith("{\n  \"schema\": 1,"));
  EXPECT_THAT(text, HasSubstr("\"started\": \"2023-11-14T22:13:20Z\""));
  EXPECT_THAT(text, HasSubstr("\"exit_meaning\": \"correctness violated\""));
  const json document = json::parse(text);
  const json& attempt = document["attempts"][0];
  EXPECT_EQ(attempt["step"], "buy.charge");
  EXPECT_EQ(attempt["class"], "success");
  const json& response = attempt["response"];
  EXPECT_EQ(response["count"], 1000);
  EXPECT_EQ(response["min_us"], 1);
  EXPECT_EQ(response["mean_us"], 500.5);
  EXPECT_EQ(response["p50_us"], 500);
  EXPECT_EQ(response["p99_us"], 990);
  EXPECT_TRUE(response["p999_us"].is_null()) << "one sample above it carries nothing";
  EXPECT_EQ(response["max_us"], 1000);
  EXPECT_EQ(stats::decode_v2_base64(response["v2"].get<std::string>()).value().count(), 1000U);
  EXPECT_TRUE(attempt["lag"]["min_ns"].is_null());
  EXPECT_TRUE(document["seconds"][0]["response_p50_us"].is_null());
  EXPECT_EQ(document["seconds"][1]["response_p50_us"], 17);
  std::size_t line_start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       end = text.find('\n', line_start)) {
    const std::string line = text.substr(line_start, end - line_start);
    EXPECT_TRUE(line.size() <= 124 || line.find("\"v2\"") != std::string::npos) << line;
    line_start = end + 1;
  }
}

TEST(RunRecordJson, NeverPrintsWhatJsonDoesNotHave) {
  RunRecord record;
  record.cpu_user_s = std::numeric_limits<double>::quiet_NaN();
  record.cpu_system_s = std::numeric_limits<double>::infinity();
  record.checks.push_back({});
  record.checks[0].value = -std::numeric_limits<double>::infinity();
  for (const std::string& text : {to_json(record), to_json_line(record)}) {
    EXPECT_THAT(text, Not(HasSubstr("nan")));
    EXPECT_THAT(text, Not(HasSubstr("NaN")));
    EXPECT_THAT(text, Not(HasSubstr("inf,")));
    EXPECT_THAT(text, Not(HasSubstr("Infinity")));
    const Result<RunRecord> back = record_from_json(text);
    ASSERT_TRUE(back.has_value());
    EXPECT_TRUE(std::isnan(back->cpu_user_s));
    EXPECT_TRUE(std::isnan(back->checks.at(0).value));
  }
}

TEST(RunRecordJson, BytesThatAreNotUtf8AreReplaced) {
  RunRecord record;
  record.host = "bad \xff\xfe byte";
  record.steps.push_back({"st\xc3", "GET /\x80", "t", false});
  record.attempts[{0, Phase::kMeasured, Exposure::kClean, AttemptClass::kReset}].response.record(1);
  record.reasons = {"\xed\xa0\x80"};
  for (const std::string& text : {to_json(record), to_json_line(record)}) {
    const Result<RunRecord> back = record_from_json(text);
    ASSERT_TRUE(back.has_value()) << to_string(back.error());
    EXPECT_EQ(back->host, "bad \xef\xbf\xbd\xef\xbf\xbd byte");
    EXPECT_EQ(back->attempts.begin()->first.step, 0);
  }
}

TEST(RunRecordJson, StepsThatShareANameAreToldApart) {
  RunRecord record;
  record.steps = {{"same", "", "", false}, {"same", "", "", false}, {"", "", "", false}};
  for (std::uint16_t step = 0; step < 3; ++step) {
    record.attempts[{step, Phase::kMeasured, Exposure::kClean, AttemptClass::kSuccess}]
        .response.record(step);
  }
  expect_round_trip(record);
}

TEST(RunRecordJson, IgnoresFieldsThatItDoesNotKnow) {
  json document = json::parse(to_json(RandomRecord(8).make()));
  document["new_in_a_later_version"] = {{"a", 1}};
  document["totals"]["also_new"] = 7;
  EXPECT_TRUE(record_from_json(document.dump()).has_value());
}

}  // namespace
}  // namespace squall::model
