// The first lines of a report: what the run was held against, what it achieved.
#include <gmock/gmock.h>

#include "loadgen/model/progress.hpp"
#include "reports/formats/common/headline.hpp"
#include "reports/formats/common/summary.hpp"
#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

model::RunRecord record_of_a_hit() {
  model::RunRecord record = testing::clean_record();
  record.checks.clear();
  record.findings.clear();
  return record;
}

TEST(Headline, ARunOfWhichNothingWasRequiredIsDone) {
  const std::string text = render("terminal", record_of_a_hit(), {.width = 100});
  EXPECT_THAT(text, StartsWith("DONE  checkout: nothing was required of this run; errors 0.35%"));
  EXPECT_THAT(text, HasSubstr("(exit 0)"));
  EXPECT_THAT(render("markdown", record_of_a_hit()),
              AllOf(HasSubstr("`checkout` done"), HasSubstr("nothing was required of this run"),
                    Not(HasSubstr("✅ squall"))));
}

TEST(Headline, APassNeedsSomethingThatCouldHaveFailed) {
  EXPECT_FALSE(nothing_required(testing::clean_record()));
  EXPECT_FALSE(nothing_required(testing::sample_record()));
  model::RunRecord record = record_of_a_hit();
  EXPECT_TRUE(nothing_required(record));
  model::Finding finding;
  finding.id = "double-charge";
  finding.required = true;
  record.findings.push_back(finding);
  EXPECT_FALSE(nothing_required(record)) << "a detector that must stay silent";
  record.findings.back().required = false;
  EXPECT_TRUE(nothing_required(record));
  record.verdict = model::Verdict::kInvalid;
  EXPECT_FALSE(nothing_required(record));
}

TEST(Headline, WhatCouldNotBeJudgedIsNoPass) {
  model::RunRecord record = testing::clean_record();
  record.verdict = model::Verdict::kInconclusive;
  record.exit_code = model::ExitCode::kPass;
  EXPECT_THAT(render("terminal", record, {.width = 100}),
              StartsWith("INCONCLUSIVE  checkout: nothing failed, but not everything could be "
                         "judged (exit 0)"));
  EXPECT_THAT(render("markdown", record), Not(HasSubstr("**pass**")));
}

// 10,000 arrivals a second for 4 s, of which 4,300 a second are answered.
model::RunRecord overloaded() {
  model::RunRecord record;
  record.measured_duration = 4s;
  record.planned_duration = 4s;
  record.drain_used = 4'200ms;
  for (std::int64_t second = 0; second < 8; ++second) {
    model::SecondSummary summary;
    summary.second = second;
    summary.counters.due = second < 4 ? 10'000 : 0;
    summary.counters.started = second < 4 ? 10'000 : 0;
    summary.acked = 4'300;
    record.totals.add(summary.counters);
    record.seconds.push_back(summary);
  }
  record.totals.dropped = 68;
  return record;
}

TEST(Throughput, IsWhatWasAnsweredWhileLoadFlowed) {
  EXPECT_EQ(throughput_line(overloaded()),
            "arrivals: 10000/s due, 10000/s taken up; operations: 4300/s acked; then drained for "
            "4.20s");
  EXPECT_THAT(
      render("terminal", overloaded(), {.width = 140}),
      AllOf(HasSubstr("operations: 4300/s acked"),
            HasSubstr("40000 of 40000 due arrivals taken up; 68 operations dropped before they "
                      "were sent")));
}

TEST(Throughput, OfARunShorterThanASecondIsThatOfItsTime) {
  model::RunRecord record = overloaded();
  record.measured_duration = 250ms;
  record.drain_used = Duration::zero();
  record.seconds.resize(1);
  record.seconds[0].counters.due = 100;
  record.seconds[0].counters.started = 100;
  record.seconds[0].acked = 50;
  record.seconds[0].not_acked = 50;
  EXPECT_EQ(throughput_line(record),
            "arrivals: 400/s due, 400/s taken up; operations: 200/s acked, 200/s not");
}

TEST(Throughput, OfUsersSpeaksOfIterations) {
  model::RunRecord record = overloaded();
  record.scenarios = {{"buy", model::LoadModel::kClosed, "50 users"}};
  EXPECT_THAT(throughput_line(record),
              StartsWith("iterations: 10000/s started; operations: 4300/s"));
}

TEST(Throughput, OfNothingIsNotTold) {
  EXPECT_EQ(throughput_line(model::RunRecord{}), "");
}

TEST(LoadLine, ARunOfSoManyIterationsEndsWithThem) {
  model::RunRecord record = overloaded();
  record.measured_duration = 324ms;
  record.planned_duration = std::chrono::hours(24);
  record.events = {{324ms, "phase", std::string(model::kEveryIterationDone)}};
  EXPECT_THAT(load_line(record), StartsWith("324ms measured, until every iteration was done; "));
  record.events.clear();
  EXPECT_THAT(load_line(record), StartsWith("324ms measured of 24h planned"));
}

TEST(AckedRow, LeavesOutWhatFailed) {
  const model::RunRecord record = testing::sample_record();
  for (const StepRow& row : step_rows(record)) {
    const auto acked = acked_row(record, row);
    ASSERT_TRUE(acked.has_value()) << row.step;
    EXPECT_EQ(acked->counts.total(), row.counts.total() - row.errors);
    EXPECT_EQ(acked->response.count() + acked->response.overflow(), acked->counts.total());
    EXPECT_EQ(acked->errors, 0U);
    EXPECT_FALSE(acked_row(record, *acked).has_value());
  }
}

TEST(Phases, WithoutAPercentileAreNotListed) {
  model::RunRecord record = testing::clean_record();
  stats::Histogram few(stats::kSpanLayout);
  few.record(1000);
  stats::Histogram many(stats::kSpanLayout);
  many.record_n(1000, 5000);
  record.phases[{0, model::Phase::kMeasured, model::TransferPhase::kDns}] = few;
  EXPECT_THAT(render("terminal", record, {.width = 140}), Not(HasSubstr("phases of")));
  record.phases[{0, model::Phase::kMeasured, model::TransferPhase::kTls}] = many;
  EXPECT_THAT(
      render("terminal", record, {.width = 140}),
      AllOf(HasSubstr("phases of buy.browse: tls p50 1ms, p99 1ms"), Not(HasSubstr("dns"))));
}

}  // namespace
}  // namespace squall::reports
