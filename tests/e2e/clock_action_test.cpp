// The action "clock" in a run: a service is an hour ahead for a while; one that cannot be reached.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/paths.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using testing::HasSubstr;

// Tokens of five minutes for the service "api" among those of `service`. `action`: the rest of the
// table of an action "clock", from the service's name on.
std::string clocked_plan(const std::string& service, const std::string& action) {
  return R"(format = 1
name = "clocked"
seed = 5
preflight = false
)" + service +
         R"([load]
duration = "2s"
[limits]
lag_p99 = "2s"
started = "1%"
[[target]]
name = "api"
urls = ["http://127.0.0.1:{{port.api}}"]
timeout = "5s"
[[scenario]]
name = "api"
arrivals = { process = "constant", rate = "50/s" }
  [[scenario.step]]
  name = "who"
  request = "GET /whoami"
  headers = { Authorization = '''Bearer {{jwt "HS256" "e2e" '{"sub": "me", "nbf": {{now}}, "exp": {{now +300s}}}'}}''' }
  expect = ["status == 200"]
[[action]]
name = "wrong-clock"
kind = "clock"
service = ")" +
         action;
}

constexpr const char* kTokens = R"([[service]]
name = "api"
command = ["squall-shop", "tokens", "--port", "{{port.api}}", "--secret", "e2e", "--log", "errors"]
ready = "GET http://127.0.0.1:{{port.api}}/readyz"
)";

model::RunRecord run_plan(const std::string& plan, ProcessResult& ended) {
  const TestDirectory directory;
  ended =
      squall(directory, {"run", directory.write("plan.toml", plan), "--out", directory / "run"});
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  EXPECT_TRUE(record.has_value()) << ended.output << ended.errors;
  return record.value_or(model::RunRecord());
}

std::string events_of(const model::RunRecord& record) {
  std::string text;
  for (const model::RunEvent& event : record.events) {
    text += event.text + "\n";
  }
  return text;
}

TEST(ClockAction, TokensThatWouldHaveCountedHaveExpiredOnAServiceThatIsAnHourAhead) {
  ProcessResult ended;
  const model::RunRecord record = run_plan(
      clocked_plan(kTokens, "api\"\noffset = \"1h\"\nat = \"500ms\"\nfor = \"800ms\"\n"), ended);
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  const std::string events = events_of(record);
  EXPECT_THAT(events, HasSubstr("clock of api: 1h ahead; it shows "));
  EXPECT_THAT(events, HasSubstr("by its Date header 3"));
  EXPECT_THAT(events, HasSubstr("clock of api: true again, after "));
  std::uint64_t refused = 0;
  std::uint64_t accepted = 0;
  for (const model::RecordedEnding& ending : record.endings) {
    (ending.status == 401 ? refused : accepted) += ending.attempts;
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(accepted, 0U);
}

TEST(ClockAction, AProgramThatCannotBeReachedMakesTheRunInvalidWithTheReason) {
  const std::string other = "[[service]]\nname = \"still\"\ncommand = [\"" +
                            std::string(SQUALL_BIN_DIR) + "/squall_static_probe\"]\n";
  ProcessResult ended;
  const model::RunRecord record =
      run_plan(clocked_plan(kTokens + other, "still\"\noffset = \"1h\"\nat = \"500ms\"\n"), ended);
  EXPECT_EQ(ended.exit_code, 3) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("is statically linked"));
}

}  // namespace
}  // namespace squall::test
