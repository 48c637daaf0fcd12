// A target that stands still for a while: what it delays is charged to it, in full, and its answers
// outside that time are as quick as ever.
#include <gtest/gtest.h>

#include <csignal>

#include "loadgen/model/run_record.hpp"
#include "loadgen/model/selection.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/paths.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::test {
namespace {

using std::chrono::seconds;

std::string freeze_plan(std::uint16_t port, const std::string& duration) {
  return "format = 1\nname = \"freeze\"\nseed = 1\n"
         "[[target]]\nname = \"psp\"\nurls = [\"http://127.0.0.1:" +
         std::to_string(port) +
         "\"]\ntimeout = \"20s\"\n"
         "[load]\nduration = \"" +
         duration +
         "\"\ndrain = \"20s\"\nconnections = 32\n"
         "[limits]\nlag_p99 = \"2s\"\nstarted = \"1%\"\n"
         "[[scenario]]\nname = \"s\"\narrivals = { process = \"constant\", rate = \"200/s\" }\n"
         "  [[scenario.step]]\n  name = \"get\"\n  request = \"GET /readyz\"\n";
}

std::int64_t percentile_us(const model::RunRecord& record, model::AttemptSpan span, double p) {
  return model::span_of_attempts(record, {}, span).value_at_percentile(p);
}

// About 2 s of 6 s; the journal, which gets a line for each second, says when.
TEST(Freeze, OfTheTargetStandsInTheResponseAndNotInTheService) {
  const std::uint16_t port = RefusedPort().port();
  Process target({.command = {std::string(SQUALL_BIN_DIR) + "/squall-shop", "psp", "--port",
                              std::to_string(port)}});
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", freeze_plan(port, "6s"));
  const auto second_is_over = [&](const char* second) {
    return eventually(
        [&] {
          return read_file(directory / "run/events.ndjson")
                     .find(std::string("\"second\":") + second) != std::string::npos;
        },
        seconds(30));
  };
  ASSERT_TRUE(eventually([&] { return !target.errors().empty(); })) << "it says that it listens";
  Process squall({.command = {squall_binary(), "run", plan, "--out", directory / "run"},
                  .directory = directory.path()});
  ASSERT_TRUE(second_is_over("1"));
  target.signal(SIGSTOP);
  EXPECT_TRUE(second_is_over("3"));
  target.signal(SIGCONT);
  const ProcessResult result = squall.wait(seconds(60));
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->totals.started, 1200U);
  EXPECT_EQ(record->totals.dropped, 0U);
  EXPECT_EQ(model::count_operations(*record, {}).outcomes[0], 1200U) << "every one was acked";
  // A third of the arrivals fell into the time, evenly, so the slowest tenth waited for 70% of it.
  EXPECT_GT(percentile_us(*record, model::AttemptSpan::kResponse, 90), 1'000'000);
  EXPECT_LT(percentile_us(*record, model::AttemptSpan::kService, 50), 100'000);
  EXPECT_LT(percentile_us(*record, model::AttemptSpan::kResponse, 50), 100'000);
}

}  // namespace
}  // namespace squall::test
