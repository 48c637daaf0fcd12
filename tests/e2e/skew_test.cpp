// `squall skew` and [skew] against a service that checks tokens, and ones that do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using model::SkewEdgeKind;
using std::chrono::seconds;
using testing::HasSubstr;

std::string token_plan(const std::string& options, const std::string& more = "") {
  return R"(format = 1
name = "tokens"
seed = 5
[[service]]
name = "api"
command = ["squall-shop", "tokens", "--port", "{{port.api}}", "--secret", "e2e", "--log", "errors")" +
         options + R"(]
ready = "GET http://127.0.0.1:{{port.api}}/readyz"
[[target]]
name = "api"
urls = ["http://127.0.0.1:{{port.api}}"]
timeout = "5s"
[load]
duration = "1s"
[limits]
lag_p99 = "2s"
started = "1%"
[[scenario]]
name = "api"
arrivals = { process = "constant", rate = "20/s" }
  [[scenario.step]]
  name = "who"
  request = "GET /whoami"
  headers = { Authorization = '''Bearer {{jwt "HS256" "e2e" '{"sub": "me", "nbf": {{now}}, "exp": {{now +300s}}}'}}''' }
  expect = ["status == 200"]
)" + more;
}

struct Swept {
  ProcessResult ended;
  model::RunRecord record;
};

Swept sweep(const std::string& plan, std::vector<std::string> command) {
  const TestDirectory directory;
  command.insert(command.begin() + 1, directory.write("plan.toml", plan));
  command.insert(command.end(), {"--out", directory / "swept"});
  Swept swept{squall(directory, command), {}};
  const auto record = model::record_from_json(read_file(directory / "swept/record.json"));
  EXPECT_TRUE(record.has_value()) << swept.ended.output << swept.ended.errors;
  swept.record = record.value_or(model::RunRecord());
  return swept;
}

TEST(Skew, BothEdgesOfATokenAreFoundToTheSecond) {
  // What is done to a load is not done to a sweep, and not missed.
  const std::string action =
      "[[action]]\nname = \"bounce\"\nkind = \"restart\"\nservice = \"api\"\nat = \"500ms\"\n";
  const Swept swept = sweep(token_plan("", action),
                            {"skew", "--step", "api.who", "--window", "300s", "--ahead", "0s"});
  EXPECT_EQ(swept.ended.exit_code, 0) << swept.ended.output << swept.ended.errors;
  const model::SkewSweep& skew = swept.record.skew;
  EXPECT_EQ(skew.past.kind, SkewEdgeKind::kFound);
  // Whole seconds on both sides: a request may be made in one and judged in the next.
  EXPECT_GE(skew.past.accepted, seconds(298));
  EXPECT_LE(skew.past.refused, seconds(301));
  EXPECT_EQ(skew.future.kind, SkewEdgeKind::kFound);
  EXPECT_LE(skew.future.refused, seconds(2));
  EXPECT_TRUE(skew.clock_known);
  EXPECT_THAT(swept.ended.output, HasSubstr("api.who into the past: accepted up to "));
  EXPECT_EQ(swept.record.totals.started, 0U);  // no load
  EXPECT_TRUE(swept.record.timeline.empty());
}

TEST(Skew, ALeewayThatNobodyPromisedFails) {
  const Swept swept = sweep(token_plan(R"(, "--leeway", "1h")"),
                            {"skew", "--step", "api.who", "--window", "300s", "--leeway", "5s"});
  EXPECT_EQ(swept.ended.exit_code, 1) << swept.ended.output;
  EXPECT_GE(swept.record.skew.past.accepted, seconds(3898));
  EXPECT_LE(swept.record.skew.past.refused, seconds(3901));
  ASSERT_EQ(swept.record.findings.size() > 0, true);
}

TEST(Skew, ATokenThatNeverExpiresFailsInARunToo) {
  const Swept swept = sweep(token_plan(R"(, "--times", "ignored")",
                                       "[skew]\nstep = \"api.who\"\nto = \"1h\"\n"
                                       "[checks]\nfindings = [\"immortal-token\"]\n"),
                            {"run"});
  EXPECT_EQ(swept.ended.exit_code, 1) << swept.ended.output;
  EXPECT_EQ(swept.record.skew.past.kind, SkewEdgeKind::kNone);
  EXPECT_GT(swept.record.totals.started, 0U);
  EXPECT_THAT(swept.ended.output, HasSubstr("no edge: still accepted 1h old"));
}

TEST(Skew, ATargetThatRefusesTheTrueTimeIsNoMeasurement) {
  std::string plan = token_plan("");
  plan.replace(plan.find("\"HS256\" \"e2e\""), 13, "\"HS256\" \"xyz\"");
  const Swept swept = sweep(plan, {"skew", "--step", "api.who"});
  EXPECT_EQ(swept.ended.exit_code, 3) << swept.ended.output;
  EXPECT_THAT(swept.record.skew.problem, HasSubstr("the true time are refused"));
}

TEST(Skew, WithoutAStepThereIsNothingToDo) {
  const TestDirectory directory;
  const ProcessResult ended =
      squall(directory, {"skew", directory.write("plan.toml", token_plan(""))});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.errors, HasSubstr("give --step SCENARIO.STEP"));
}

}  // namespace
}  // namespace squall::test
