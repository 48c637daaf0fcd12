// plans/charge.toml from the outside: what `validate` says of a plan that has no traffic of its
// own, that `run` names the command it is for, and the profiles that it could name.
#include <gtest/gtest.h>

#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

TEST(IdempotencyPlan, ValidateSaysWhatIsVerified) {
  const TestDirectory directory;
  const ProcessResult result = squall(directory, {"validate", source_file("plans/charge.toml")});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(result.errors, "");
  EXPECT_NE(result.output.find("verifies  idempotency: profile data/squall-shop-profile.toml, key "
                               "in header Idempotency-Key, 300 rounds\n"
                               "    operation POST /payments\n"),
            std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("remove    DELETE /payments/{{id}}\n"), std::string::npos);
  EXPECT_EQ(result.output.find("  load  "), std::string::npos) << result.output;
}

TEST(IdempotencyPlan, IsNothingToRun) {
  const TestDirectory directory;
  const std::string plan = source_file("plans/charge.toml");
  const ProcessResult result = squall(directory, {"run", plan});
  EXPECT_EQ(result.exit_code, 2) << result.output;
  EXPECT_NE(result.errors.find("squall idempotency " + plan + "\n"), std::string::npos)
      << result.errors;
}

TEST(IdempotencyPlan, WhoHasNoneIsShownAWholeOne) {
  const TestDirectory directory;
  const ProcessResult refused =
      squall(directory, {"idempotency", source_file("plans/checkout.toml")});
  EXPECT_EQ(refused.exit_code, 2) << refused.output;
  const std::size_t start = refused.errors.find("format = 1\n");
  ASSERT_NE(start, std::string::npos) << refused.errors;
  const std::string plan = refused.errors.substr(start);
  const ProcessResult valid =
      squall(directory, {"validate", directory.write("payments.toml", plan)});
  EXPECT_EQ(valid.exit_code, 0) << valid.output << valid.errors;
  EXPECT_NE(
      read_file(source_file("plans/profiles/README.md")).find(plan.substr(0, plan.rfind('"'))),
      std::string::npos)
      << "plans/profiles/README.md shows another one";
}

TEST(IdempotencyPlan, ProfilesAreListed) {
  const TestDirectory directory;
  const ProcessResult result = squall(directory, {"list", "profiles"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  for (const char* name : {"\n  ietf ", "\n  stripe-v1 ", "\n  checkout-com ", "\n  aws "}) {
    EXPECT_NE(result.output.find(name), std::string::npos) << name << result.output;
  }
}

}  // namespace
}  // namespace squall::test
