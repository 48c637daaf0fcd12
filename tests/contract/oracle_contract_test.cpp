// What every oracle promises, whoever wrote it.
#include <gtest/gtest.h>

#include "loadgen/base/clock.hpp"
#include "tests/contract/plan_case.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::contract {
namespace {

using model::OracleKind;

class OracleContract : public ::testing::TestWithParam<OracleKind> {
 protected:
  [[nodiscard]] static std::string plan_text(std::string_view more_keys = "") {
    return plan_with_example(GetParam(), more_keys);
  }
};

TEST_P(OracleContract, DescribesItself) {
  const OracleKind& kind = GetParam();
  expect_good_name(kind.name);
  expect_good_summary(kind.summary);
  EXPECT_NE(kind.example.find("kind = \"" + std::string(kind.name) + "\""), std::string::npos);
  EXPECT_TRUE(kind.example.ends_with('\n'));
  expect_good_keys(kind.keys);
  ASSERT_NE(kind.compile, nullptr);
}

TEST_P(OracleContract, ItsExampleIsAPlanAndStaysOneWhenWrittenBack) {
  const auto plan = must_load(plan_text());
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->effects.oracles.size(), 1u);
  EXPECT_EQ(plan->effects.oracles[0].kind->name, GetParam().name);
  EXPECT_NE(plan->effects.oracles[0].oracle, nullptr);
  EXPECT_NE(must_load(plan->effective_text), nullptr);
}

TEST_P(OracleContract, RefusesUnknownKeysAtTheirLine) {
  expect_unknown_key_refused(plan_text("no_such_key = 1\n"));
}

TEST_P(OracleContract, ReportsWrongTypesInsteadOfCompilingNonsense) {
  expect_wrong_types_refused(GetParam());
}

TEST_P(OracleContract, ItsDefaultsMayBeWrittenOut) {
  for (const expr::KeySpec& key : GetParam().keys->keys) {
    const bool given = example_has(GetParam(), key);
    if (!key.default_value.empty() && !given) {
      EXPECT_NE(must_load(plan_text(default_line(key))), nullptr) << key.name;
    }
  }
}

// With nothing there to read from it says so, in time and without an exception; it never makes
// effects up.
TEST_P(OracleContract, SaysWhenItCannotAnswer) {
  const test::RefusedPort nobody;
  const auto plan = must_load(plan_text());
  ASSERT_NE(plan, nullptr);
  model::Oracle& oracle = *plan->effects.oracles[0].oracle;
  model::OracleContext context;
  context.run_id = "contract";
  context.default_base_url = "http://127.0.0.1:" + std::to_string(nobody.port());
  context.working_directory = "/";
  const Result<void> started = oracle.start(context);
  if (!started) {
    EXPECT_FALSE(started.error().message.empty());
    return;
  }
  const std::vector<std::string> keys = {"a", "", "b\tc\n\"'{{key}}"};
  const TimePoint before = monotonic_now();
  const auto reading = oracle.read(keys, std::chrono::seconds(2));
  EXPECT_LT(monotonic_now() - before, std::chrono::seconds(8));
  if (!reading) {
    EXPECT_FALSE(reading.error().message.empty());
    return;
  }
  EXPECT_TRUE(reading->counts.empty());
  EXPECT_TRUE(reading->undecided.empty() || !reading->undecided_reason.empty());
}

INSTANTIATE_TEST_SUITE_P(Registered, OracleContract,
                         ::testing::ValuesIn(all_registries().oracles.entries()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(OracleRegistry, HoldsTheOraclesThatPlansRelyOn) {
  for (const char* name : {"exec", "http", "sink"}) {
    EXPECT_NE(all_registries().oracles.find(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace squall::contract
