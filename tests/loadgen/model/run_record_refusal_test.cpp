// Texts that are no run record: each is refused with the place of what is wrong.
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "loadgen/model/run_record.hpp"
#include "loadgen/stats/histogram_codec.hpp"
#include "tests/loadgen/model/random_record.hpp"

namespace squall::model {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

json parsed(const RunRecord& record) {
  return json::parse(to_json(record));
}

void expect_malformed(const json& document, const std::string& pointer) {
  const Result<RunRecord> record = record_from_json(document.dump());
  ASSERT_FALSE(record.has_value()) << pointer;
  EXPECT_EQ(record.error().code, ErrorCode::kMalformed);
  EXPECT_THAT(record.error().message, StartsWith(pointer + ": "));
}

TEST(RunRecordRefusal, RefusesWhatIsNotARecord) {
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

TEST(RunRecordRefusal, SaysWhereTheSyntaxIsWrong) {
  const Result<RunRecord> record = record_from_json("{\n  \"schema\": 1,\n  oops\n}");
  ASSERT_FALSE(record.has_value());
  ASSERT_TRUE(record.error().where.has_value());
  EXPECT_EQ(record.error().where->line, 3U);
  EXPECT_EQ(record.error().where->column, 3U);
}

TEST(RunRecordRefusal, AnotherSchemaIsNamedAsSuch) {
  json document = parsed(RunRecord());
  document["schema"] = 2;
  const Result<RunRecord> record = record_from_json(document.dump());
  ASSERT_FALSE(record.has_value());
  EXPECT_EQ(record.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(record.error().message, HasSubstr("schema 2"));
}

TEST(RunRecordRefusal, NamesThePlaceOfEachWrongValue) {
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

TEST(RunRecordRefusal, RefusesMissingFieldsInAFullRecord) {
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

TEST(RunRecordRefusal, RefusesHistogramsThatAreNotThisFigures) {
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

TEST(RunRecordRefusal, AnyOneByteOfDamageIsSurvived) {
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
