// How attempts ended, as people read it: every status, and what the most frequent failures looked
// like.
#include <gmock/gmock.h>

#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Endings, StandInTheTerminalsSummary) {
  const std::string text = render("terminal", testing::sample_record(), {.width = 120});
  EXPECT_THAT(text, AllOf(HasSubstr("Answers by status"),
                          HasSubstr("200 3990, 201 4778, 409 6; 223 without an answer"),
                          HasSubstr("key in use"), HasSubstr("8.010s")));
  EXPECT_LT(text.find("no answer in 2s"), text.find("key in use")) << "the most frequent first";
}

TEST(Endings, SayNothingWhereARecordDoesNot) {
  model::RunRecord record = testing::sample_record();
  record.endings.clear();
  EXPECT_THAT(render("terminal", record, {.width = 120}), Not(HasSubstr("Answers by status")));
  EXPECT_THAT(render("markdown", record), Not(HasSubstr("Answers by status")));
}

TEST(Endings, RarerKindsAreLeftToTheRecord) {
  model::RunRecord record = testing::sample_record();
  for (int status = 500; status < 506; ++status) {
    record.endings.push_back({"buy.browse", model::AttemptClass::kServerError, status, 1, {}});
  }
  EXPECT_THAT(render("terminal", record, {.width = 120}),
              HasSubstr("2 rarer kinds are in record.json"));
}

TEST(Endings, StandInMarkdown) {
  EXPECT_THAT(render("markdown", testing::sample_record()),
              AllOf(HasSubstr("Answers by status, warm-up included: 200 3990"),
                    HasSubstr("| `buy.charge` | timeout | - | 12 | `no answer in 2s` |")));
}

}  // namespace
}  // namespace squall::reports
