#include "reports/live/metrics_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/response_cells.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const model::ClientFaultKind kDuplicate = [] {
  model::ClientFaultKind kind;
  kind.name = "duplicate";
  return kind;
}();

model::Plan plan_of_two_steps() {
  model::Plan plan;
  plan.name = "checkout";
  plan.seed = 7;
  plan.run_id = "r-1";
  plan.load.duration = 20s;
  plan.steps.resize(2);
  plan.steps[0].full_name = "buy.browse";
  plan.steps[1].full_name = "buy.charge";
  plan.faults.resize(1);
  plan.faults[0].name = "twins";
  plan.faults[0].kind = &kDuplicate;
  plan.faults[0].selection.window = expr::Window{5s, 10s};
  return plan;
}

model::SecondSummary second_with(std::vector<model::ResponseCells> cells) {
  model::SecondSummary second;
  second.counters.due = 10;
  second.counters.started = 9;
  second.acked = 8;
  second.not_acked = 1;
  second.in_flight = 4;
  second.lag_p99_ns = 1'500'000;
  second.classes[static_cast<std::size_t>(model::AttemptClass::kTimeout)] = 1;
  second.faults = {{.eligible = 9, .planned = 4, .fired = 3}};
  second.cells = std::move(cells);
  return second;
}

// 2 operations of 1 ms, 1 of 3 s, 1 that never ended.
model::ResponseCells four_operations(std::uint16_t step) {
  return {
      .step = step,
      .exposure = model::Exposure::kFaulted,
      .counts = {
          {model::cell_of(1'000), 2}, {model::cell_of(3'000'000), 1}, {model::never_cell(), 1}}};
}

std::uint64_t value_of(const std::string& text, const std::string& series) {
  const std::size_t at = text.find("\n" + series + " ");
  EXPECT_NE(at, std::string::npos) << series << "\n" << text;
  return at == std::string::npos ? 0 : std::stoull(text.substr(at + series.size() + 2));
}

TEST(MetricsViewTest, IsEmptyBeforeARun) {
  EXPECT_EQ(MetricsView("1.0").text(), "");
}

TEST(MetricsViewTest, CountersAddUpAndGaugesAreOfTheLastSecond) {
  MetricsView view("1.0");
  view.begin(plan_of_two_steps());
  view.second(second_with({}));
  view.second(second_with({}));
  const std::string text = view.text();
  EXPECT_EQ(value_of(text, "squall_arrivals_due_total"), 20U);
  EXPECT_EQ(value_of(text, "squall_operations_acked_total"), 16U);
  EXPECT_EQ(value_of(text, "squall_attempts_ended_total{class=\"timeout\"}"), 2U);
  EXPECT_EQ(value_of(text, "squall_in_flight_operations"), 4U);
  EXPECT_EQ(value_of(text, "squall_faults_fired_total{fault=\"twins\",kind=\"duplicate\"}"), 6U);
  EXPECT_THAT(text, HasSubstr("\nsquall_generator_lag_p99_seconds 0.0015\n"));
  EXPECT_THAT(text, HasSubstr("verdict=\"running\""));
  EXPECT_THAT(text, Not(HasSubstr("squall_exit_code")));
}

TEST(MetricsViewTest, BucketsAreCumulativeAndWhatNeverEndedIsOnlyInTheLast) {
  MetricsView view("1.0");
  view.begin(plan_of_two_steps());
  view.second(second_with({four_operations(1)}));
  view.second(second_with({four_operations(1)}));
  const std::string text = view.text();
  const auto bucket = [&](const std::string& le) {
    return value_of(text,
                    "squall_operation_response_seconds_bucket{step=\"buy.charge\",exposure="
                    "\"faulted\",le=\"" +
                        le + "\"}");
  };
  EXPECT_EQ(bucket("0.000768"), 0U);
  EXPECT_EQ(bucket("0.001024"), 4U);
  EXPECT_EQ(bucket("2.097152"), 4U);
  EXPECT_EQ(bucket("3.145728"), 6U);
  EXPECT_EQ(bucket("201.326592"), 6U);
  EXPECT_EQ(bucket("+Inf"), 8U);
  EXPECT_EQ(value_of(text,
                     "squall_operation_response_seconds_count{step=\"buy.charge\",exposure="
                     "\"faulted\"}"),
            8U);
}

TEST(MetricsViewTest, EveryBoundIsWhereACellEnds) {
  std::set<std::int64_t> ends;
  for (std::uint16_t cell = 0; cell < model::never_cell(); ++cell) {
    ends.insert(model::cell_range(cell).high + 1);
  }
  for (std::int64_t power = 64; power <= 134'217'728; power *= 2) {
    EXPECT_EQ(ends.count(power), 1U) << power;
    EXPECT_EQ(ends.count(power + power / 2), 1U) << power;
  }
}

TEST(MetricsViewTest, StepsBeyondTheCapStandTogether) {
  MetricsView view("1.0");
  model::Plan plan = plan_of_two_steps();
  plan.steps.resize(300);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    plan.steps[i].full_name = "s." + std::to_string(i);
  }
  view.begin(plan);
  std::vector<model::ResponseCells> cells;
  for (std::uint16_t step = 0; step < 300; ++step) {
    cells.push_back(four_operations(step));
  }
  cells.push_back(four_operations(model::kOverflowStep));
  view.second(second_with(cells));
  const std::string text = view.text();
  EXPECT_EQ(value_of(text,
                     "squall_operation_response_seconds_count{step=\"s.99\",exposure="
                     "\"faulted\"}"),
            4U);
  EXPECT_THAT(text, Not(HasSubstr("s.100\"")));
  EXPECT_EQ(value_of(text,
                     "squall_operation_response_seconds_count{step=\"(other)\",exposure="
                     "\"faulted\"}"),
            201U * 4);
}

TEST(MetricsViewTest, TellsWhatIsOnAndWhatTheRunDoes) {
  MetricsView view("1.0");
  view.begin(plan_of_two_steps());
  view.stage(model::Stage::kMeasured, "");
  view.tick(6s, {}, {});
  view.event({6s, "service", "gone"});
  std::string text = view.text();
  EXPECT_EQ(value_of(text, "squall_fault_on{index=\"0\",fault=\"twins\"}"), 1U);
  EXPECT_EQ(value_of(text, "squall_stage{stage=\"measured\"}"), 1U);
  EXPECT_EQ(value_of(text, "squall_stage{stage=\"drain\"}"), 0U);
  EXPECT_EQ(value_of(text, "squall_events_total{kind=\"service\"}"), 1U);
  view.tick(11s, {}, {});
  EXPECT_EQ(value_of(view.text(), "squall_fault_on{index=\"0\",fault=\"twins\"}"), 0U);
}

TEST(MetricsViewTest, TheVerdictStandsUntilTheNextRun) {
  MetricsView view("1.0");
  view.begin(plan_of_two_steps());
  view.end(::squall::testing::sample_record());
  EXPECT_EQ(value_of(view.text(), "squall_verdict{verdict=\"fail\"}"), 1U);
  EXPECT_EQ(value_of(view.text(), "squall_verdict{verdict=\"pass\"}"), 0U);
  EXPECT_EQ(value_of(view.text(), "squall_exit_code"), 5U);
  view.begin(plan_of_two_steps());
  EXPECT_THAT(view.text(), Not(HasSubstr("squall_verdict")));
}

// Prometheus' own parser and linter.
TEST(MetricsViewTest, PromtoolFindsNothingWrong) {
  MetricsView view("1.0");
  model::Plan plan = plan_of_two_steps();
  const std::string poison = ::squall::testing::poison_text();
  plan.name = plan.run_id = plan.steps[0].full_name = plan.faults[0].name = poison;
  view.begin(plan);
  view.second(second_with({four_operations(0), four_operations(1)}));
  view.event({1s, poison, poison});
  view.end(::squall::testing::sample_record());
  const ::squall::test::TestDirectory directory;
  const std::string file = directory.write("metrics", view.text());
  const auto checked =
      ::squall::test::run_program({"sh", "-c", "exec promtool check metrics < \"$1\"", "sh", file});
  EXPECT_EQ(checked.exit_code, 0) << checked.output << checked.errors << view.text();
}

}  // namespace
}  // namespace squall::reports
