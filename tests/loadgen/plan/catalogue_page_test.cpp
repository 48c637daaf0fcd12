#include "loadgen/plan/catalogue_page.hpp"

#include <gtest/gtest.h>

namespace squall::plan {
namespace {

std::string plan_with(const std::string& fixed) {
  return R"(format = 1
name = "double-charge"
[catalogue]
part = "A"
incident = "Twice."
promise = "Once."
provoked = "By retries."
judged = "By counting."
sample = "One."
false_alarm = "Refunds."
remedies = ["Keys.", "Constraints."]
fixed = )" +
         fixed + "\n";
}

TEST(CataloguePage, IsReadFromThePlansTable) {
  const auto page = read_catalogue_page(plan_with(R"(["vars.payments=atomic"])"), "a.toml");
  ASSERT_TRUE(page) << to_string(page.error());
  EXPECT_EQ(page->id, "double-charge");
  EXPECT_EQ(page->part, "A");
  EXPECT_EQ(page->remedies, (std::vector<std::string>{"Keys.", "Constraints."}));
  EXPECT_EQ(page->fixed, (std::vector<std::string>{"vars.payments=atomic"}));
}

TEST(CataloguePage, BecomesMarkdown) {
  const auto page = read_catalogue_page(plan_with(R"(["vars.payments=atomic"])"), "a.toml");
  ASSERT_TRUE(page);
  EXPECT_EQ(catalogue_markdown(*page, 2), R"(## double-charge

Twice.

- **Promise**: Once.
- **Provoked**: By retries.
- **Judged**: By counting.
- **Least sample**: One.
- **A false alarm would be**: Refunds.
- **Usual remedies**: Keys. Constraints.
)");
}

TEST(CataloguePage, MayBeVerifiedInsteadOfRun) {
  const auto page = read_catalogue_page(
      plan_with("[\"vars.payments=atomic\"]\nproperties = [\"crash-inside\", \"13\"]"), "a.toml");
  ASSERT_TRUE(page) << to_string(page.error());
  EXPECT_EQ(page->properties, (std::vector<std::string>{"crash-inside", "13"}));
  EXPECT_NE(catalogue_markdown(*page, 2).find(
                "- **Rehearsed by**: `squall idempotency`, property `crash-inside`, `13`\n"),
            std::string::npos);
}

TEST(CataloguePage, ProblemsAreToldWhereTheyStand) {
  const auto no_assignment = read_catalogue_page(plan_with(R"(["atomic"])"), "a.toml");
  ASSERT_FALSE(no_assignment);
  EXPECT_EQ(to_string(no_assignment.error()),
            "a.toml:12:10: write PATH=VALUE, as of --set, for example \"vars.payments=atomic\"");
  const auto no_table = read_catalogue_page("name = \"x\"\n", "b.toml");
  ASSERT_FALSE(no_table);
  EXPECT_EQ(no_table.error().code, ErrorCode::kNotFound);
  const auto misspelt =
      read_catalogue_page("name = \"x\"\n[catalogue]\npromis = \"y\"\n", "c.toml");
  ASSERT_FALSE(misspelt);
  EXPECT_EQ(misspelt.error().code, ErrorCode::kMalformed);
}

}  // namespace
}  // namespace squall::plan
