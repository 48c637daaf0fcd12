// What formats make of a verification of idempotency.

#include <algorithm>

#include <gmock/gmock.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/finding_page.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/reports/formats/html_page.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/sample_record.hpp"
#include "tests/support/verified_record.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;
using model::Verdict;
using testing::expect_golden;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kDirectory = "squall-runs/charge-7";

Finding finding_of(const model::PropertyResult& property, Verdict verdict, bool required) {
  Finding finding;
  finding.detector = model::kIdempotencyDetector;
  finding.id = model::finding_id(property);
  finding.verdict = verdict;
  finding.required = required;
  finding.about_effects = verdict == Verdict::kFail && required;
  finding.summary = property.title + ": " + property.summary;
  return finding;
}

// As it is judged: see tests/reports/checks/idempotency_test.cpp.
RunRecord judged(model::IdempotencyReport report) {
  RunRecord record = testing::verified_record(std::move(report));
  const auto& properties = record.idempotency->properties;
  record.findings = {finding_of(properties[0], Verdict::kPass, true),
                     finding_of(properties[1], Verdict::kFail, true),
                     finding_of(properties[2], Verdict::kFail, false)};
  record.verdict = Verdict::kFail;
  record.exit_code = model::ExitCode::kCorrectness;
  record.reasons = {record.findings[1].id + ": " + record.findings[1].summary,
                    "warning: " + record.findings[2].id + ": " + record.findings[2].summary};
  return record;
}

RunRecord sample() {
  return judged(testing::sample_verification());
}

std::string in_format(std::string_view format, unsigned width = 100, bool color = false) {
  return render(format, sample(),
                {.color = color, .width = width, .directory = std::string(kDirectory)});
}

class IdempotencyGoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(IdempotencyGoldenTest, VerifiedRecord) {
  expect_golden(without_assets(in_format(GetParam())), SQUALL_SOURCE_DIR,
                "reports/verified." + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Formats, IdempotencyGoldenTest,
                         ::testing::Values("terminal", "markdown", "junit", "csv", "json", "html"),
                         [](const auto& format) { return format.param; });

TEST(IdempotencyTerminalTest, Narrow) {
  expect_golden(in_format("terminal", 60), SQUALL_SOURCE_DIR, "reports/verified-narrow.terminal");
}

TEST(IdempotencyTerminalTest, WideWithColours) {
  expect_golden(in_format("terminal", 140, true), SQUALL_SOURCE_DIR,
                "reports/verified-wide-color.terminal");
}

TEST(IdempotencyTerminalTest, NoLineIsWiderThanTheTerminal) {
  for (const unsigned width : {60U, 80U, 100U, 140U}) {
    const std::string rendered = in_format("terminal", width);
    for (const std::string_view line : split(rendered, '\n')) {
      // Commands are for copying, and stay whole.
      if (line.find("reproduce: ") == std::string_view::npos &&
          line.find(kDirectory) == std::string_view::npos) {
        EXPECT_LE(line.size(), width) << line;
      }
    }
  }
}

TEST(IdempotencyPageTest, FailedProperty) {
  const RunRecord record = sample();
  expect_golden(finding_page(record, record.findings[1], std::string(kDirectory)),
                SQUALL_SOURCE_DIR, "reports/verified.finding.md");
}

TEST(IdempotencyJunitTest, ACaseForEachProperty) {
  const std::string text = in_format("junit");
  expect_valid_junit(text);
  EXPECT_THAT(text, HasSubstr("tests=\"5\" failures=\"2\" errors=\"0\" skipped=\"2\""));
  EXPECT_THAT(text, Not(HasSubstr("squall.finding")));
}

TEST(IdempotencyJsonTest, ReadsBack) {
  const auto record = model::record_from_json(render("json", sample()));
  ASSERT_TRUE(record) << to_string(record.error());
  ASSERT_NE(record->idempotency, nullptr);
  EXPECT_EQ(model::to_json(*record), model::to_json(sample()));
  EXPECT_EQ(record->idempotency->properties[1].script, "#!/bin/sh\nexit 1\n");
  EXPECT_EQ(record->idempotency->disagreement_count, 1U);
}

TEST(IdempotencyHostileTest, TextOfTargetsIsEscaped) {
  const RunRecord record = judged(testing::hostile_verification(testing::poison_text()));
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  };
  std::vector<std::string> texts = {finding_page(record, record.findings[1], "dir")};
  for (const std::string_view format : {"terminal", "markdown", "junit", "html"}) {
    texts.push_back(without_assets(render(format, record)));
  }
  for (const std::string& text : texts) {
    EXPECT_EQ(std::count_if(text.begin(), text.end(), is_control), 0) << text;
    for (const std::string_view line : split(text, '\n')) {
      EXPECT_EQ(printable(line, line.size() + 1), line);
    }
  }
  expect_valid_junit(render("junit", record));
}

TEST(IdempotencyTextTest, WithoutAnOracleItIsSaid) {
  model::IdempotencyReport report;
  report.profile = "ietf";
  report.control_operations = 20;
  EXPECT_THAT(verification_lines(report), ::testing::Contains(HasSubstr("the plan has no oracle")));
}

}  // namespace
}  // namespace squall::reports
