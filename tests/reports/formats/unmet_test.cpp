// What answers did not keep, as people read it: the most frequent first, a few of each step.
#include <gmock/gmock.h>

#include "tests/reports/formats/formats_test_support.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

model::RunRecord record_with_unmet() {
  model::RunRecord record = testing::sample_record();
  record.unmet = {{"buy.charge", "json /status == \"succeeded\"", 3},
                  {"buy.charge", "status in 200..299", 19}};
  for (unsigned i = 0; i < 9; ++i) {
    record.unmet.push_back({"buy.read", "demand " + std::to_string(i), 100U + i});
  }
  return record;
}

TEST(Unmet, StandsInTheTerminalsSummary) {
  const std::string text = render("terminal", record_with_unmet(), {.width = 100});
  EXPECT_THAT(text, HasSubstr("What answers did not keep"));
  EXPECT_LT(text.find("status in 200..299"), text.find("json /status == \"succeeded\""));
  EXPECT_THAT(text, AllOf(HasSubstr("demand 8"), HasSubstr("demand 4"), Not(HasSubstr("demand 3")),
                          HasSubstr("4 rarer ones are in record.json")));
  EXPECT_THAT(render("terminal", testing::sample_record(), {.width = 100}),
              Not(HasSubstr("What answers did not keep")));
}

TEST(Unmet, StandsInMarkdown) {
  const std::string text = render("markdown", record_with_unmet());
  EXPECT_THAT(
      text, AllOf(HasSubstr("| `buy.charge` | 19 | `status in 200..299` |"), HasSubstr("demand 8"),
                  Not(HasSubstr("demand 3")), HasSubstr("4 more are in record.json")));
}

TEST(Unmet, StandsInTheRecord) {
  const auto back = model::record_from_json(render("json", record_with_unmet()));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->unmet.size(), 11U);
  EXPECT_EQ(back->unmet[1].text, "status in 200..299");
  EXPECT_EQ(back->unmet[1].attempts, 19U);
}

}  // namespace
}  // namespace squall::reports
