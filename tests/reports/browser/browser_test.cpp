// report.html in a real browser: page_test.py says what it looks at. Its pictures stay in the build
// directory, under pictures/.

#include <filesystem>
#include <memory>
#include <tuple>

#include <gmock/gmock.h>

#include "loadgen/model/comparison.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "tests/paths.hpp"
#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/support/hour_record.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_record.hpp"
#include "tests/support/verified_record.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using model::Exposure;
using model::RunRecord;
namespace fs = std::filesystem;

constexpr const char* kPageTest = SQUALL_SOURCE_DIR "/tests/reports/browser/page_test.py";

// What the sample's seconds say of single responses: each has some of both steps and exposures.
RunRecord with_cells(RunRecord record) {
  for (model::SecondSummary& second : record.seconds) {
    for (std::uint16_t step = 0; step < record.steps.size(); ++step) {
      for (const Exposure exposure : {Exposure::kClean, Exposure::kFaulted}) {
        stats::Histogram responses(stats::kSpanLayout);
        for (std::int64_t i = 1; i <= 100; ++i) {
          const std::int64_t slower = exposure == Exposure::kFaulted ? 3 : 1;
          responses.record((i * i * 5 + second.second * 50 + 900) * (1 + step) * slower);
        }
        model::ResponseCells cells{.step = step, .exposure = exposure, .counts = {}};
        model::add_to_cells(cells, responses, false);
        second.cells.push_back(std::move(cells));
      }
    }
  }
  return record;
}

RunRecord killed_record() {
  RunRecord record = with_cells(testing::sample_record());
  record.seconds.resize(9);
  record.complete = false;
  record.checks.clear();
  record.findings.clear();
  record.effects = {};
  return record;
}

RunRecord capacity_record() {
  RunRecord record = testing::clean_record();
  record.capacity.conditions = {"response p99 < 100ms", "error_rate < 1%"};
  record.capacity.rate = Rate{800};
  record.capacity.upper = Rate{840};
  record.capacity.limit = model::CapacityLimit::kTarget;
  record.capacity.confirmed = true;
  using model::StageVerdict;
  record.capacity.stages = {
      {Rate{200}, 200, 199, 0, 3ms, 9ms, StageVerdict::kPass, false, ""},
      {Rate{400}, 400, 398, 0, 4ms, 14ms, StageVerdict::kPass, false, ""},
      {Rate{800}, 799, 790, 0.001, 7ms, 71ms, StageVerdict::kPass, false, ""},
      {Rate{1600}, 1590, 900, 0.2, 240ms, 2s, StageVerdict::kFail, false, "response p99 was 2s"},
      {Rate{840}, 838, 830, 0.004, 9ms, 131ms, StageVerdict::kFail, false, "p99 was 131ms"},
      {Rate{800}, 800, 795, 0.001, 7ms, 73ms, StageVerdict::kPass, true, ""}};
  return record;
}

RunRecord compared_record() {
  RunRecord record = with_cells(testing::clean_record());
  auto report = std::make_shared<model::ComparisonReport>();
  report->base = "squall-runs/accepted";
  report->candidate = "squall-runs/new";
  using model::ComparisonVerdict;
  for (const auto& [name, difference, verdict] :
       {std::tuple("response p50", 0.004, ComparisonVerdict::kSame),
        std::tuple("response p90", -0.12, ComparisonVerdict::kBetter),
        std::tuple("response p99", 0.17, ComparisonVerdict::kWorse),
        std::tuple("response p99.9", 0.06, ComparisonVerdict::kInconclusive)}) {
    model::MetricComparison metric;
    metric.metric = name;
    metric.step = "buy.charge";
    metric.measured = true;
    metric.base = 20'000;
    metric.candidate = 20'000 * (1 + difference);
    metric.difference = difference;
    metric.low = difference - 0.03;
    metric.high = difference + 0.03;
    metric.tolerance = 0.05;
    metric.verdict = verdict;
    report->metrics.push_back(metric);
  }
  report->verdict = ComparisonVerdict::kWorse;
  report->notes = {"one run each: what differs from run to run is not in the intervals"};
  record.comparison = std::move(report);
  return record;
}

// A directory of that name with the record and its page.
std::string write_run(const test::TestDirectory& directory, const std::string& name,
                      const RunRecord& record) {
  std::string run = directory / name;
  fs::create_directories(run);
  EXPECT_FALSE(directory.write(name + "/record.json", model::to_json(record)).empty());
  EXPECT_FALSE(
      directory.write(name + "/report.html", render("html", record, {.directory = name})).empty());
  return run;
}

void expect_good_pages(const std::vector<std::string>& runs) {
  std::vector<std::string> command = {"/usr/bin/python3", kPageTest, SQUALL_BIN_DIR "/../pictures"};
  command.insert(command.end(), runs.begin(), runs.end());
  const test::ProcessResult looked_at = test::run_program(command, 200s);
  EXPECT_EQ(looked_at.exit_code, 0) << looked_at.errors;
}

TEST(BrowserTest, PagesOfEveryKindOfRun) {
  const test::TestDirectory directory;
  expect_good_pages({write_run(directory, "sample", with_cells(testing::sample_record())),
                     write_run(directory, "old-record", testing::sample_record()),
                     write_run(directory, "hour", testing::hour_record()),
                     write_run(directory, "killed", killed_record()),
                     write_run(directory, "compared", compared_record()),
                     write_run(directory, "capacity", capacity_record()),
                     write_run(directory, "verification",
                               testing::verified_record(testing::sample_verification())),
                     write_run(directory, "empty", RunRecord{})});
}

TEST(BrowserTest, MarkupOfOthersStaysText) {
  const test::TestDirectory directory;
  const std::string poison =
      "<script>window.squallWasHacked=1</script>\"'&amp;<img src=x onerror=squallWasHacked=1>";
  expect_good_pages({write_run(directory, "hostile", with_cells(testing::hostile_record(poison)))});
}

// The page of a real run, from `squall report` too.
TEST(BrowserTest, ARunOfTheShop) {
  const test::TestDirectory directory;
  const std::string run = directory / "shop";
  const test::ProcessResult done = test::run_program(
      {SQUALL_BIN_DIR "/squall", "run", SQUALL_SOURCE_DIR "/plans/checkout.toml", "--quiet",
       "--out", run, "--set", "load.duration=6s", "--set", "load.warmup=1s", "--set",
       "fault.lost-ack.window=[\"1s\", \"4s\"]", "--set", "fault.slow-psp.window=[\"2s\", \"4s\"]",
       "--set", "checks.abort_when=[]"},
      60s);
  ASSERT_TRUE(fs::exists(run + "/report.html")) << done.output << done.errors;
  const test::ProcessResult again =
      test::run_program({SQUALL_BIN_DIR "/squall", "report", run, "--as", "html"});
  EXPECT_EQ(again.output, test::read_file(run + "/report.html"));
  expect_good_pages({run});
}

}  // namespace
}  // namespace squall::reports
