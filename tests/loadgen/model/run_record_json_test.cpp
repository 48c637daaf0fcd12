#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/rng.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/stats/histogram_codec.hpp"

namespace squall::model {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Fills every field of a record with chance.
class RandomRecord {
 public:
  explicit RandomRecord(std::uint64_t seed) : rng_(StreamId(seed, "record", "random")) {}

  RunRecord make() {
    RunRecord record;
    fill_identity(record);
    for (std::size_t i = 0; i < 3; ++i) {
      record.steps.push_back({"buy.step" + std::to_string(i), text(), text(), flag()});
      record.faults.push_back(
          {"fault" + std::to_string(i), text(), texts(), text(), counts(), texts()});
    }
    fill_measurement(record);
    fill_effects(record.effects);
    fill_judgement(record);
    return record;
  }

 private:
  std::uint64_t number() { return rng_.next_bits() >> rng_.next_below(64); }
  std::uint32_t small() { return static_cast<std::uint32_t>(number()); }
  std::int64_t integer() {
    return static_cast<std::int64_t>(rng_.next_bits()) >> rng_.next_below(63);
  }
  Duration duration() { return Duration(integer()); }
  bool flag() { return rng_.next_below(2) == 0; }
  double real() {
    return (rng_.next_unit() - 0.5) * std::exp2(static_cast<double>(rng_.next_below(200)) - 100);
  }
  std::uint16_t index() { return static_cast<std::uint16_t>(rng_.next_below(3)); }
  template <class Enum>
  Enum one_of(std::size_t count) {
    return static_cast<Enum>(rng_.next_below(count));
  }

  std::string text() {
    const char* const pieces[] = {"plain", "\"quoted\"", "back\\slash", "\n", "\x01",      "ä",
                                  "€",     "😀",          "/",           "~1", "</script>", " "};
    std::string out;
    for (std::uint64_t i = rng_.next_below(5); i > 0; --i) {
      out += pieces[rng_.next_below(std::size(pieces))];
    }
    return out;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out(rng_.next_below(4));
    for (std::string& one : out) {
      one = text();
    }
    return out;
  }
  FaultCounts counts() { return {number(), number(), number(), number()}; }
  Counters counters() {
    return {number(), number(), number(), number(), number(), number(), number(), number(),
            number(), number(), number(), number(), number(), number(), number()};
  }
  stats::Histogram histogram(const stats::HistogramLayout& layout) {
    stats::Histogram made(layout);
    for (std::uint64_t i = rng_.next_below(60); i > 0; --i) {
      made.record_n(static_cast<std::int64_t>(rng_.next_bits() >> (1 + rng_.next_below(63))),
                    1 + rng_.next_below(1000));
    }
    return made;
  }

  void fill_identity(RunRecord& record) {
    record.squall_version = text();
    record.plan_name = text();
    record.plan_file = text();
    record.seed = rng_.next_bits();
    record.run_id = text();
    record.plan_digest = {rng_.next_bits(), number()};
    record.command = text();
    record.started = WallTime(duration());
    record.warmup = duration();
    record.planned_duration = duration();
    record.measured_duration = duration();
    record.drain_used = duration();
    record.engine = text();
    record.threads = small();
    record.connections = small();
    record.pace = text();
    record.host = text();
    record.cpu_user_s = real();
    record.cpu_system_s = real();
  }
  void fill_measurement(RunRecord& record) {
    for (int i = 0; i < 5; ++i) {
      AttemptKey key{flag() ? kOverflowStep : index(), one_of<Phase>(2), one_of<Exposure>(2),
                     one_of<AttemptClass>(kAttemptClassCount)};
      record.attempts[key] = {histogram(stats::kSpanLayout), histogram(stats::kSpanLayout),
                              histogram(stats::kSpanLayout), histogram(stats::kLagLayout)};
      record.operations[{key.step, key.phase, key.exposure,
                         one_of<OperationOutcome>(kOperationOutcomeCount)}] =
          histogram(stats::kSpanLayout);
    }
    record.totals = counters();
    for (int i = -2; i < 5; ++i) {
      SecondSummary second;
      second.second = i;
      second.counters = counters();
      second.acked = number();
      second.not_acked = number();
      second.attempts_failed = number();
      second.in_flight = small();
      second.waiting = small();
      second.connections = small();
      if (flag()) {
        second.response_p50_us = static_cast<std::int64_t>(number() / 2);
        second.response_p90_us = static_cast<std::int64_t>(number() / 2);
        second.response_p99_us = 0;
        second.response_max_us = static_cast<std::int64_t>(number() / 2);
        second.lag_p50_ns = static_cast<std::int64_t>(number() / 2);
        second.lag_p99_ns = static_cast<std::int64_t>(number() / 2);
      }
      for (std::uint64_t n = rng_.next_below(4); n > 0; --n) {
        second.faults.push_back(counts());
      }
      for (std::uint64_t& count : second.classes) {
        count = flag() ? number() : 0;
      }
      second.effect_attempts = number();
      record.seconds.push_back(second);
    }
    for (int i = 0; i < 3; ++i) {
      record.events.push_back({duration(), text(), text()});
      record.breaches.push_back({text(), real(), flag()});
    }
  }
  EffectOperation operation() {
    return {index(),
            number(),
            text(),
            one_of<OperationOutcome>(kOperationOutcomeCount),
            one_of<Exposure>(2),
            small()};
  }
  EffectAttempt attempt() {
    return {index(),
            number(),
            small(),
            small(),
            text(),
            duration(),
            duration(),
            duration(),
            one_of<AttemptClass>(kAttemptClassCount),
            static_cast<int>(integer() >> 32),
            number(),
            {index(), index()},
            text()};
  }
  void fill_effects(EffectReport& effects) {
    effects.counted = flag();
    for (int i = 0; i < 3; ++i) {
      EffectCounts counts{text(), number(), {}, {}, number()};
      for (std::uint64_t& count : counts.outcomes) {
        count = number();
      }
      for (std::uint64_t& count : counts.verdicts) {
        count = number();
      }
      effects.steps.push_back(counts);
      effects.oracles.push_back(
          {text(), text(), number(), number(), duration(), flag(), number(), text()});
      effects.origins.push_back(
          {text(), one_of<EffectVerdict>(kEffectVerdictCount), {0, 2}, flag(), number()});
      effects.cases.push_back({one_of<EffectVerdict>(kEffectVerdictCount),
                               operation(),
                               number(),
                               {attempt(), attempt()},
                               text()});
    }
    effects.disagreements = texts();
    effects.disagreement_count = number();
  }
  void fill_judgement(RunRecord& record) {
    const ExitCode codes[] = {ExitCode::kPass, ExitCode::kCorrectness, ExitCode::kInterrupted,
                              ExitCode::kTerminated, ExitCode::kNotWritten};
    for (int i = 0; i < 3; ++i) {
      record.checks.push_back(
          {text(), one_of<Verdict>(4), flag(), real(), real(), text(), number(), text()});
      record.findings.push_back(
          {text(), text(), one_of<Verdict>(4), flag(), flag(), text(), texts(), texts(), text()});
    }
    record.verdict = one_of<Verdict>(4);
    record.exit_code = codes[rng_.next_below(std::size(codes))];
    record.reasons = texts();
    record.complete = flag();
    record.interrupted = flag();
  }

  Rng rng_;
};

// A record of a second as the journal writes it: most of it is empty, and steps have no names.
RunRecord sparse_record() {
  RunRecord record;
  record.totals.due = 7;
  record.attempts[{3, Phase::kMeasured, Exposure::kClean, AttemptClass::kSuccess}].response.record(
      5);
  record.operations[{3, Phase::kWarmup, Exposure::kFaulted, OperationOutcome::kAcked}].record(9);
  return record;
}

json parsed(const RunRecord& record) {
  return json::parse(to_json(record));
}

void expect_malformed(const json& document, const std::string& pointer) {
  const Result<RunRecord> record = record_from_json(document.dump());
  ASSERT_FALSE(record.has_value()) << pointer;
  EXPECT_EQ(record.error().code, ErrorCode::kMalformed);
  EXPECT_THAT(record.error().message, StartsWith(pointer + ": "));
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
  EXPECT_EQ(sizeof(Counters), 15 * 8U);
  EXPECT_EQ(sizeof(FaultCounts), 4 * 8U);
  EXPECT_EQ(sizeof(SecondSummary), 8 + sizeof(Counters) + 3 * 8 + 16 + 6 * 8 + 24 + 12 * 8 + 8);
  EXPECT_EQ(sizeof(RecordedStep), 3 * 32 + 8U);
  EXPECT_EQ(sizeof(RecordedFault), 3 * 32 + 2 * 24 + sizeof(FaultCounts));
  EXPECT_EQ(sizeof(EffectCounts), 32 + 8 + 4 * 8 + 5 * 8 + 8U);
  EXPECT_EQ(sizeof(OracleReport), 3 * 32 + 5 * 8U);
  EXPECT_EQ(sizeof(EffectOrigin), 32 + 8 + 24 + 8 + 8U);
  EXPECT_EQ(sizeof(EffectReport), 8 + 3 * 24 + 8 + 2 * 24U);
  EXPECT_EQ(sizeof(EffectAttempt), 8 + 8 + 8 + 32 + 3 * 8 + 8 + 8 + 24 + 32U);
  EXPECT_EQ(sizeof(EffectOperation), 8 + 8 + 32 + 8U);
  EXPECT_EQ(sizeof(EffectCase), 8 + sizeof(EffectOperation) + 8 + 24 + 32U);
  EXPECT_EQ(sizeof(RunEvent), 8 + 2 * 32U);
  EXPECT_EQ(sizeof(CheckResult), 32 + 8 + 2 * 8 + 32 + 8 + 32U);
  EXPECT_EQ(sizeof(Finding), 2 * 32 + 8 + 32 + 2 * 24 + 32U);
  EXPECT_EQ(sizeof(Breach), 32 + 8 + 8U);
  EXPECT_EQ(sizeof(RunRecord), 648U + sizeof(Counters) + sizeof(EffectReport));
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

TEST(RunRecordJson, RefusesWhatIsNotARecord) {
  const auto refused = [](std::string_view text) {
    const Result<RunRecord> record = record_from_json(text);
    return !record.has_value() && record.error().code == ErrorCode::kMalformed;
  };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("{"));
  EXPECT_TRUE(refused("null"));
  EXPECT_TRUE(refused("[]"));
  EXPECT_TRUE(refused("{}"));
  EXPECT_TRUE(refused("{\"schema\": \"1\"}"));
  EXPECT_TRUE(refused("{\"schema\": 1}"));
  EXPECT_TRUE(refused("{\"schema\": 1, \"compact\": 1}"));
  EXPECT_TRUE(refused("{\"schema\": 1, \"seed\": 1e999}"));
  EXPECT_TRUE(refused("\"\xff\""));
  EXPECT_TRUE(refused(std::string(100'000, '[')));
  std::string deep =
      "{\"schema\":1,\"steps\":" + std::string(30'000, '[') + std::string(30'000, ']') + "}";
  EXPECT_TRUE(refused(deep));
}

TEST(RunRecordJson, SaysWhereTheSyntaxIsWrong) {
  const Result<RunRecord> record = record_from_json("{\n  \"schema\": 1,\n  oops\n}");
  ASSERT_FALSE(record.has_value());
  ASSERT_TRUE(record.error().where.has_value());
  EXPECT_EQ(record.error().where->line, 3U);
  EXPECT_EQ(record.error().where->column, 3U);
}

TEST(RunRecordJson, AnotherSchemaIsNamedAsSuch) {
  json document = parsed(RunRecord());
  document["schema"] = 2;
  const Result<RunRecord> record = record_from_json(document.dump());
  ASSERT_FALSE(record.has_value());
  EXPECT_EQ(record.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(record.error().message, HasSubstr("schema 2"));
}

TEST(RunRecordJson, NamesThePlaceOfEachWrongValue) {
  const json good = parsed(RandomRecord(5).make());
  const std::vector<std::pair<const char*, json>> wrong = {
      {"/seed", "7"},
      {"/seed", -1},
      {"/seed", 1.5},
      {"/threads", 4294967296},
      {"/plan_digest", "abc"},
      {"/plan_digest", std::string(32, 'g')},
      {"/plan_digest", std::string(31, '0') + "-"},
      {"/warmup_ns", 9223372036854775808ULL},
      {"/warmup_ns", nullptr},
      {"/complete", 1},
      {"/verdict", "maybe"},
      {"/exit_code", 77},
      {"/exit_code", 65536},
      {"/reasons", "one"},
      {"/reasons", {1}},
      {"/cpu_user_s", "fast"},
      {"/steps", json::object()},
      {"/steps/1", 5},
      {"/steps/1/name", nullptr},
      {"/totals", json::array()},
      {"/totals/due", -5},
      {"/seconds/3/second", "x"},
      {"/seconds/3/counters/retries", 0.5},
      {"/seconds/3/classes/success", "x"},
      {"/seconds/3/response_p50_us", -2},
      {"/seconds/3/response_p50_us", 9223372036854775808ULL},
      {"/attempts/0/step", "no such step"},
      {"/attempts/0/step", 65535},
      {"/attempts/0/step", -1},
      {"/attempts/0/class", "7xx"},
      {"/attempts/0/response", nullptr},
      {"/attempts/0/response/v2", "AAAA"},
      {"/attempts/0/response/v2", 7},
      {"/attempts/0/response/overflow", -1},
      {"/effects/cases/1/operation/outcome", "lost"},
      {"/effects/cases/1/timeline/0/status", 2147483648},
      {"/effects/cases/1/timeline/0/faults/1", "no such fault"},
      {"/effects/steps/0/outcomes", 3},
  };
  for (const auto& [pointer, value] : wrong) {
    json document = good;
    document[json::json_pointer(pointer)] = value;
    const bool list_of_wrong = value.is_array() && !value.empty();
    expect_malformed(document, std::string(pointer) + (list_of_wrong ? "/0" : ""));
  }
}

TEST(RunRecordJson, RefusesMissingFieldsInAFullRecord) {
  const json good = parsed(RandomRecord(6).make());
  for (const char* pointer :
       {"/verdict", "/exit_code", "/seed", "/steps", "/effects", "/totals", "/attempts",
        "/complete", "/plan_digest", "/effects/cases/0/timeline", "/attempts/0/response"}) {
    json document = good;
    const json::json_pointer place(pointer);
    document[place.parent_pointer()].erase(place.back());
    expect_malformed(document, pointer);
  }
}

TEST(RunRecordJson, RefusesHistogramsThatAreNotThisFigures) {
  RunRecord record;
  record.steps.push_back({"a", "", "", false});
  record.attempts[{0, Phase::kMeasured, Exposure::kClean, AttemptClass::kSuccess}].response.record(
      1);
  json document = parsed(record);
  json& response = document["attempts"][0]["response"];
  stats::Histogram lag(stats::kLagLayout);
  lag.record(1);
  response["v2"] = stats::encode_v2_base64(lag);
  expect_malformed(document, "/attempts/0/response/v2");
  document = parsed(record);
  document["attempts"][0]["response"]["count"] = 2;
  expect_malformed(document, "/attempts/0/response/count");
  document = parsed(record);
  document["attempts"][0]["response"]["overflow"] = std::numeric_limits<std::uint64_t>::max();
  expect_malformed(document, "/attempts/0/response/overflow");
  document = parsed(record);
  document["attempts"].push_back(document["attempts"][0]);
  expect_malformed(document, "/attempts/1");
}

TEST(RunRecordJson, IgnoresFieldsThatItDoesNotKnow) {
  json document = parsed(RandomRecord(8).make());
  document["new_in_a_later_version"] = {{"a", 1}};
  document["totals"]["also_new"] = 7;
  EXPECT_TRUE(record_from_json(document.dump()).has_value());
}

TEST(RunRecordJson, AnyOneByteOfDamageIsSurvived) {
  const std::string good = to_json(RandomRecord(9).make());
  Rng rng(StreamId(1, "record", "damage"));
  for (int i = 0; i < 30; ++i) {
    std::string damaged = good;
    damaged[rng.next_below(damaged.size())] = static_cast<char>(rng.next_below(256));
    const Result<RunRecord> record = record_from_json(damaged);
    if (record.has_value()) {
      EXPECT_FALSE(to_json(*record).empty());
    }
  }
}

}  // namespace
}  // namespace squall::model
