// The comparison of a run with its baseline, as each format tells it.
#include <gmock/gmock.h>

#include "loadgen/model/comparison.hpp"
#include "reports/formats/common/comparison_text.hpp"
#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/reports/formats/html_page.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

model::MetricComparison metric(std::string name, model::ComparisonVerdict verdict) {
  model::MetricComparison metric;
  metric.metric = std::move(name);
  metric.step = "buy.charge";
  metric.exposure = "clean";
  metric.measured = true;
  metric.base = 20'000;
  metric.candidate = 22'000;
  metric.difference = 0.1;
  metric.low = 0.071;
  metric.high = 0.13;
  metric.tolerance = 0.05;
  metric.verdict = verdict;
  return metric;
}

model::ComparisonReport report() {
  model::ComparisonReport report;
  report.base = "baselines/\x1b[31mmain<script>";
  report.candidate = "squall-runs/new";
  report.metrics.push_back(metric("response p50", model::ComparisonVerdict::kSame));
  report.metrics.push_back(metric("response p99", model::ComparisonVerdict::kWorse));
  model::MetricComparison errors = metric("error_rate", model::ComparisonVerdict::kInconclusive);
  errors.scale = model::ComparisonScale::kPoints;
  errors.base = errors.candidate = 0.001;
  errors.difference = errors.low = errors.high = 0;
  errors.tolerance = 0.001;
  errors.noise_floor = 0.0012;
  report.metrics.push_back(errors);
  model::MetricComparison lost = metric("lost_effects", model::ComparisonVerdict::kWorse);
  lost.scale = model::ComparisonScale::kCount;
  lost.exposure.clear();
  lost.base = 0;
  lost.candidate = lost.difference = 3;
  report.metrics.push_back(lost);
  report.verdict = model::ComparisonVerdict::kWorse;
  report.notes = {"one run each"};
  return report;
}

model::RunRecord compared() {
  model::RunRecord record = testing::sample_record();
  record.comparison = std::make_shared<model::ComparisonReport>(report());
  return record;
}

TEST(Comparison, TheTerminalShowsItWorstFirst) {
  const std::string text = render("terminal", compared(), {.width = 100});
  EXPECT_THAT(text, AllOf(HasSubstr("Compared with the baseline"), HasSubstr("response p99"),
                          HasSubstr("+7.1% to +13.0%"), HasSubstr("0.1pt, noise 0.12pt"),
                          HasSubstr("note: one run each"), Not(HasSubstr("\x1b[31m"))));
  EXPECT_LT(text.find("response p99"), text.find("response p50"));
  EXPECT_THAT(render("terminal", testing::sample_record(), {.width = 100}),
              Not(HasSubstr("Compared with the baseline")));
}

TEST(Comparison, MarkdownHasATable) {
  const std::string text = render("markdown", compared());
  EXPECT_THAT(text, AllOf(HasSubstr("| ❌ worse | `buy.charge clean response p99` | 20ms | 22ms |"),
                          HasSubstr("| ❌ worse | `buy.charge lost_effects` | 0 | 3 | +3 | exact |"),
                          Not(HasSubstr("\x1b[31m"))));
}

TEST(Comparison, ThePageHasATable) {
  const std::string text = render("html", compared());
  EXPECT_THAT(text, AllOf(HasSubstr("Compared with the baseline"), HasSubstr("+7.1% to +13.0%"),
                          Not(HasSubstr("main<script>")), Not(HasSubstr("\x1b[31m"))));
  EXPECT_THAT(render("html", testing::sample_record()),
              Not(HasSubstr("Compared with the baseline")));
}

TEST(Comparison, JunitHasACaseForEachMetric) {
  const std::string text = render("junit", compared());
  EXPECT_THAT(text,
              HasSubstr("classname=\"squall.comparison\" name=\"buy.charge clean response p99\""));
  expect_valid_junit(text);
}

TEST(Comparison, JsonHoldsItWhole) {
  const auto read = model::record_from_json(render("json", compared()));
  ASSERT_TRUE(read.has_value());
  ASSERT_NE(read->comparison, nullptr);
  EXPECT_EQ(read->comparison->metrics.size(), 4U);
  EXPECT_EQ(model::to_json(*read->comparison), model::to_json(report()));
}

TEST(Comparison, WhatRecordsMayHoldIsShownAllTheSame) {
  model::MetricComparison odd = metric("response p50", model::ComparisonVerdict::kInconclusive);
  odd.base = -1e300;
  odd.candidate = 1e300;
  odd.difference = 1e9;
  odd.low = -1e9;
  odd.high = 1e9;
  EXPECT_EQ(base_text(odd), "0ns");
  EXPECT_EQ(difference_text(odd), "+∞");
  EXPECT_EQ(interval_text(odd), "n/a");
  odd.low = -1;
  EXPECT_EQ(interval_text(odd), "n/a") << "nothing is known of a ratio";
  odd.high = 0.1;
  EXPECT_EQ(interval_text(odd), "-100.0% to +10.0%");
  odd.measured = false;
  EXPECT_EQ(base_text(odd), "n/a");
  EXPECT_EQ(difference_text(odd), "n/a");
}

TEST(Comparison, ThePageHasARowAndAnAxisForEachMetric) {
  const std::string page = without_assets(render("html", compared()));
  EXPECT_THAT(
      page, AllOf(HasSubstr("id=\"comparison-table\""), HasSubstr("buy.charge clean response p99"),
                  HasSubstr("+7.1% to +13.0%"), HasSubstr("svg class=\"interval\""),
                  HasSubstr("main&lt;script&gt;"), Not(HasSubstr("main<script>"))));
  EXPECT_THAT(without_assets(render("html", testing::sample_record())),
              Not(HasSubstr("id=\"comparison-table\"")));
}

}  // namespace
}  // namespace squall::reports
