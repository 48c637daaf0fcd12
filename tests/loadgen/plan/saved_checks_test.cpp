#include "loadgen/plan/saved_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::plan {
namespace {

using ::testing::HasSubstr;

std::vector<model::Finding> silent(const model::RunRecord& /*record*/) {
  return {};
}

Result<model::Checks> read(std::string_view text) {
  static const model::ArrivalRegistry arrivals;
  static const model::ClientFaultRegistry faults;
  static const model::OracleRegistry oracles;
  static const model::ProxyFaultRegistry proxy_faults;
  static const model::ActionRegistry actions;
  static const model::DetectorRegistry detectors = [] {
    model::DetectorRegistry registry;
    registry.add({.name = "double-charge", .summary = "", .needs = "", .detect = silent});
    return registry;
  }();
  LoadOptions options;
  options.run_id = "r1";
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "LIMIT" ? std::optional<std::string>("250ms") : std::nullopt;
  };
  return read_saved_checks(text, "plan.toml",
                           {arrivals, faults, oracles, detectors, proxy_faults, actions}, options);
}

TEST(SavedChecks, NeedNothingElseOfThePlan) {
  const auto checks = read(
      "[vars]\ntoken = \"${env:GONE}\"\nlimit = \"${env:LIMIT}\"\n"
      "[[target]]\nname = \"t\"\nurls = [\"http://{{var.token}}/\", \"{{port.shop}}\"]\n"
      "[[fault]]\nkind = \"of a later version\"\n"
      "[checks]\nrequire = [\"response p99 < {{var.limit}}\", \"buy.gone error_rate < 1%\"]\n"
      "findings = [\"double-charge\"]\n");
  ASSERT_TRUE(checks.has_value()) << to_string(checks.error());
  ASSERT_EQ(checks->require.size(), 2U);
  EXPECT_EQ(checks->require[0].first.source, "response p99 < 250ms");
  ASSERT_EQ(checks->findings.size(), 1U);
  EXPECT_EQ(checks->findings[0].first, "double-charge");
}

TEST(SavedChecks, MayBeNone) {
  const auto checks = read("name = \"p\"\n");
  ASSERT_TRUE(checks.has_value());
  EXPECT_TRUE(checks->require.empty());
}

TEST(SavedChecks, ThatCannotBeReadAreSaid) {
  const auto broken = read("[checks]\nrequire = [\"response p99\"]\n");
  ASSERT_FALSE(broken.has_value());
  ASSERT_TRUE(broken.error().where.has_value());
  EXPECT_EQ(broken.error().where->line, 2U);
  EXPECT_FALSE(read("[checks\n").has_value());
  const auto unknown = read("[checks]\nfindings = [\"a\"]\n");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message, HasSubstr("no detector named"));
}

}  // namespace
}  // namespace squall::plan
