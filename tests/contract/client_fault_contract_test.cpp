// What every client fault promises, whoever wrote it. faults/README.md names these promises.
#include <gtest/gtest.h>

#include <set>

#include "tests/contract/plan_case.hpp"

namespace squall::contract {
namespace {

using model::ClientFaultKind;
using model::WireScript;

constexpr std::uint64_t kDraws = 1000;

class ClientFaultContract : public ::testing::TestWithParam<ClientFaultKind> {
 protected:
  [[nodiscard]] static std::string plan_text(std::string_view more_keys = "") {
    return plan_with_example(GetParam(), more_keys);
  }
};

// Applies the plan's only fault for one arrival, an instant of its window for each.
Result<void> apply(const model::Plan& plan, std::uint64_t arrival, WireScript& script) {
  const model::PlannedFault& fault = plan.faults.at(0);
  const Duration in_window = std::chrono::milliseconds(20 * arrival);
  const Duration from = fault.selection.window ? fault.selection.window->from : Duration::zero();
  model::FaultDraw draw(fault.selection.stream, arrival, 0);
  return fault.fault->apply(script, {.offset = from + in_window, .in_window = in_window}, draw);
}

void expect_same_scripts(const model::Plan& first, const model::Plan& second) {
  for (std::uint64_t arrival = 0; arrival < kDraws; ++arrival) {
    WireScript a;
    WireScript b;
    ASSERT_TRUE(apply(first, arrival, a));
    ASSERT_TRUE(apply(second, arrival, b));
    ASSERT_TRUE(a == b) << arrival;
  }
}

TEST_P(ClientFaultContract, DescribesItself) {
  const ClientFaultKind& kind = GetParam();
  expect_good_name(kind.name);
  expect_good_summary(kind.summary);
  EXPECT_FALSE(kind.production_cause.empty());
  EXPECT_NE(kind.example.find("kind = \"" + std::string(kind.name) + "\""), std::string::npos);
  EXPECT_NE(kind.example.find("\"buy.charge\""), std::string::npos);
  EXPECT_TRUE(kind.example.ends_with('\n'));
  expect_good_keys(kind.keys);
  ASSERT_NE(kind.compile, nullptr);
}

TEST_P(ClientFaultContract, ItsExampleIsAPlanAndStaysOneWhenWrittenBack) {
  const auto plan = must_load(plan_text());
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->faults.size(), 1u);
  EXPECT_EQ(plan->faults[0].kind->name, GetParam().name);
  ASSERT_NE(plan->faults[0].fault, nullptr);
  const auto again = must_load(plan->effective_text);
  ASSERT_NE(again, nullptr);
  expect_same_scripts(*plan, *again);
}

TEST_P(ClientFaultContract, RefusesUnknownKeysAtTheirLine) {
  expect_unknown_key_refused(plan_text("no_such_key = 1\n"));
}

TEST_P(ClientFaultContract, ReportsWrongTypesInsteadOfCompilingNonsense) {
  expect_wrong_types_refused(GetParam());
}

TEST_P(ClientFaultContract, ItsDefaultsMayBeWrittenOut) {
  for (const expr::KeySpec& key : GetParam().keys->keys) {
    const bool given = example_has(GetParam(), key);
    if (key.default_value.empty() || given) {
      continue;
    }
    const auto plan = must_load(plan_text());
    const auto spelled = must_load(plan_text(default_line(key)));
    ASSERT_TRUE(plan && spelled) << key.name;
    SCOPED_TRACE(key.name);
    expect_same_scripts(*plan, *spelled);
  }
}

TEST_P(ClientFaultContract, TheSameSeedDecidesTheSame) {
  const auto first = must_load(plan_text(), 7);
  const auto second = must_load(plan_text(), 7);
  const auto other = must_load(plan_text(), 8);
  ASSERT_TRUE(first && second && other);
  const auto chosen = [](const model::Plan& plan) {
    std::set<std::uint64_t> arrivals;
    for (std::uint64_t arrival = 0; arrival < kDraws; ++arrival) {
      if (plan.faults[0].selection.chooses(0, std::chrono::seconds(10), arrival, 0)) {
        arrivals.insert(arrival);
      }
    }
    return arrivals;
  };
  EXPECT_EQ(chosen(*first), chosen(*second));
  EXPECT_NE(chosen(*first), chosen(*other)) << "give the example a share below 100%";
  expect_same_scripts(*first, *second);
}

TEST_P(ClientFaultContract, AlwaysShowsInTheScriptAsItsTraitsSay) {
  const auto plan = must_load(plan_text());
  ASSERT_NE(plan, nullptr);
  const model::ClientFaultTraits traits = GetParam().traits;
  for (std::uint64_t arrival = 0; arrival < kDraws; ++arrival) {
    WireScript script;
    ASSERT_TRUE(apply(*plan, arrival, script));
    ASSERT_FALSE(script == WireScript()) << "a decided fault that does nothing cannot fire";
    EXPECT_EQ(script.copies.count > 1, traits.sends_copies);
    EXPECT_EQ(script.cut.has_value(), traits.cuts);
    EXPECT_EQ(script.wall_offset != Duration::zero() || script.wall_frozen, traits.moves_clock);
    EXPECT_EQ(script.fault_count, 0) << "who decided is the engine's book-keeping";
    for (const Duration hold : script.hold) {
      EXPECT_GE(hold, Duration::zero());
    }
  }
}

// After every other fault it adds its part or says in a sentence why it cannot, and then adds
// nothing.
TEST_P(ClientFaultContract, ComposesOrContradictsWithoutATrace) {
  const auto plan = must_load(plan_text());
  ASSERT_NE(plan, nullptr);
  for (const ClientFaultKind& other : all_registries().faults.entries()) {
    const auto before = must_load(plan_with(other.example));
    ASSERT_NE(before, nullptr);
    for (std::uint64_t arrival = 0; arrival < kDraws; ++arrival) {
      WireScript script;
      ASSERT_TRUE(apply(*before, arrival, script));
      const WireScript untouched = script;
      const Result<void> applied = apply(*plan, arrival, script);
      if (!applied) {
        EXPECT_EQ(applied.error().code, ErrorCode::kInvalidArgument);
        EXPECT_FALSE(applied.error().message.empty());
        ASSERT_TRUE(script == untouched) << other.name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, ClientFaultContract,
                         ::testing::ValuesIn(all_registries().faults.entries()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(ClientFaultRegistry, HoldsTheFaultsThatPlansRelyOn) {
  for (const char* name : {"clock_skew", "drop", "duplicate", "latency", "malformed", "reorder",
                           "slow_read", "slow_send"}) {
    EXPECT_NE(all_registries().faults.find(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace squall::contract
