// Every format byte for byte, and the structured ones read by parsers that are not ours.

#include <gmock/gmock.h>

#include "reports/formats/common/finding_page.hpp"
#include "tests/paths.hpp"
#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/reports/formats/html_page.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using testing::expect_golden;
using testing::sample_record;

class GoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, SampleRecord) {
  const model::FormatOptions options{
      .color = false, .width = 100, .directory = "squall-runs/checkout-7"};
  expect_golden(without_assets(render(GetParam(), sample_record(), options)), SQUALL_SOURCE_DIR,
                "reports/sample." + GetParam());
}

TEST_P(GoldenTest, CleanRecord) {
  const model::FormatOptions options{
      .color = false, .width = 100, .directory = "squall-runs/checkout-7"};
  expect_golden(without_assets(render(GetParam(), testing::clean_record(), options)),
                SQUALL_SOURCE_DIR, "reports/clean." + GetParam());
}

TEST_P(GoldenTest, TheSameRecordGivesTheSameBytes) {
  EXPECT_EQ(render(GetParam(), sample_record()), render(GetParam(), sample_record()));
}

// A format without a golden of its own shows here as soon as it is registered.
std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const std::string_view name : formats().names()) {
    names.emplace_back(name);
  }
  return names;
}
INSTANTIATE_TEST_SUITE_P(Formats, GoldenTest, ::testing::ValuesIn(format_names()),
                         [](const auto& format) { return format.param; });

TEST(TerminalGoldenTest, WideWithColours) {
  expect_golden(render("terminal", sample_record(), {.color = true, .width = 140}),
                SQUALL_SOURCE_DIR, "reports/sample-wide-color.terminal");
}

TEST(FindingPageTest, SampleRecord) {
  const model::RunRecord record = sample_record();
  expect_golden(finding_page(record, record.findings.front(), "squall-runs/checkout-7"),
                SQUALL_SOURCE_DIR, "reports/sample.finding.md");
}

TEST(TerminalGoldenTest, Narrow) {
  expect_golden(render("terminal", sample_record(), {.color = false, .width = 60}),
                SQUALL_SOURCE_DIR, "reports/sample-narrow.terminal");
}

TEST(EmptyRecordTest, EveryFormatCopes) {
  for (const std::string& name : format_names()) {
    EXPECT_FALSE(render(name, model::RunRecord{}).empty()) << name;
  }
}

void expect_json(const std::string& text, const std::string& condition) {
  expect_accepted(text, {"jq", "--exit-status", condition + " | not | not"});
}

TEST(IndependentParserTest, JunitIsValidAgainstTheSchema) {
  expect_valid_junit(render("junit", sample_record()));
  expect_valid_junit(render("junit", testing::clean_record()));
  expect_valid_junit(render("junit", model::RunRecord{}));
}

TEST(IndependentParserTest, JsonHoldsWhatTheRecordHolds) {
  const std::string text = render("json", sample_record());
  expect_json(text, ".schema == 1");
  expect_json(
      text, "[.. | strings | select(. == \"0f5c0000-0000-8000-8000-0000000007c1\")] | length > 0");
}

TEST(JunitTest, CountsItsCases) {
  const std::string text = render("junit", sample_record());
  EXPECT_THAT(text, ::testing::HasSubstr("tests=\"7\" failures=\"3\" errors=\"1\" skipped=\"1\""));
}

}  // namespace
}  // namespace squall::reports
