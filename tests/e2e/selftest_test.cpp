// `squall selftest`: squall against nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using testing::HasSubstr;

// How late the generator is on a busy machine is no matter of these tests.
const std::vector<std::string> kNoLimits = {"--set", "limits.lag_p99=10s", "--set",
                                            "limits.started=1%"};

ProcessResult selftest(const TestDirectory& directory, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "selftest");
  arguments.insert(arguments.end(), kNoLimits.begin(), kNoLimits.end());
  return squall(directory, arguments);
}

TEST(Selftest, PrintsItsOwnFiguresAndKeepsNothing) {
  const TestDirectory directory;
  const auto ended = selftest(directory, {"--rate", "500/s", "--for", "1s"});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  for (const char* part :
       {"lag", "service", "response", "p99.9", "cost: ", "valid: ", "poisson 500/s"}) {
    EXPECT_THAT(ended.output, HasSubstr(part));
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(Selftest, FiresAPlansScheduleWithoutTouchingItsTargets) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", R"(format = 1
name = "two steps"
[[target]]
name = "api"
urls = [")" + server.url("") + R"("]
[load]
duration = "4s"
[[scenario]]
name = "buy"
arrivals = { process = "constant", rate = "50/s" }
  [[scenario.step]]
  name = "login"
  request = "POST /login"
  json = { user = "u" }
  expect = ["status == 418"]
  extract = { token = "json /token" }
  [[scenario.step]]
  name = "charge"
  request = "POST /charge/{{token}}"
  body = "{{key}}"
[[fault]]
name = "lost"
kind = "drop"
at = "after_send"
share = "50%"
window = ["2s", "3s"]
)");
  const auto ended = selftest(directory, {plan, "--for", "1s", "--out", directory / "run"});
  ASSERT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_EQ(server.requests(), 0U);
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->totals.due, 50U);
  EXPECT_EQ(record->totals.completed, 100U);  // both steps
  EXPECT_TRUE(record->endings.empty() || record->endings.front().status == 200);
}

TEST(Selftest, SaysWhenTheInstrumentDoesNotKeepItsLimits) {
  const TestDirectory directory;
  const auto ended = squall(directory, {"selftest", "--rate", "200/s", "--for", "1s", "--pace",
                                        "timer", "--set", "limits.lag_p99=1us"});
  EXPECT_EQ(ended.exit_code, 3) << ended.output << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("invalid from second"));
}

TEST(Selftest, RefusesWhatMakesNoSense) {
  const TestDirectory directory;
  EXPECT_EQ(squall(directory, {"selftest", "--rate", "fast"}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"selftest", "plan.toml", "--rate", "5/s"}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"selftest", "missing.toml"}).exit_code, 2);
}

}  // namespace
}  // namespace squall::test
