// Distributions as a plan writes them, and the descriptions of keys that messages and the reference
// are made of.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"

namespace squall::expr {
namespace {

using namespace std::chrono_literals;

struct Read {
  Distribution distribution;
  std::string problems;
};

// Reads `latency = …` of a plan; twice, since a problem must be reported once.
Read read_latency(std::string_view toml) {
  static const TableSpec kSpec{
      "fault", "", {{.name = "latency", .type = ValueType::kDistribution, .help = ""}}};
  Scope scope(nullptr);
  scope.define("var.t", "250ms");
  Diagnostics diagnostics;
  const Value document = parse_toml(toml, "p.toml").value();
  TableReader reader(document, kSpec, scope, diagnostics);
  static_cast<void>(reader.distribution("latency"));
  const Distribution distribution = reader.distribution("latency");
  return {distribution, diagnostics.to_text()};
}

TEST(ReadDistribution, ReadsEveryKind) {
  const std::vector<std::pair<std::string_view, Distribution>> cases{
      {"{ value = \"7ms\", distribution = \"constant\" }", Distribution::constant(7ms)},
      {"{ from = \"1ms\", to = \"5ms\", distribution = \"uniform\" }",
       {.kind = DistributionKind::kUniform, .low = 1ms, .high = 5ms}},
      {"{ mean = \"20ms\", stddev = \"5ms\", distribution = \"normal\" }",
       {.kind = DistributionKind::kNormal, .center = 20ms, .spread = 5e6}},
      {"{ median = \"80ms\", sigma = 0.5, distribution = \"lognormal\" }",
       {.kind = DistributionKind::kLognormal, .center = 80ms, .spread = 0.5}},
      {"{ median = \"{{var.t}}\", alpha = 2, distribution = \"pareto\" }",
       {.kind = DistributionKind::kPareto, .center = 250ms, .spread = 2}},
      {"{ mean = \"1s\", distribution = \"exponential\" }",
       {.kind = DistributionKind::kExponential, .center = 1s}},
      {"{ values = [\"{{var.t}}\", \"1s\"], distribution = \"table\" }",
       {.kind = DistributionKind::kTable, .values = {250ms, 1s}}},
  };
  for (const auto& [toml, expected] : cases) {
    const Read read = read_latency("latency = " + std::string(toml));
    EXPECT_EQ(read.distribution, expected) << toml;
    EXPECT_EQ(read.problems, "") << toml;
  }
}

TEST(ReadDistribution, SaysWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"latency = { median = \"80ms\", sigma = 0.5 }",
       "p.toml:1:11: \"distribution\" is missing; write for example distribution = "
       "\"lognormal\"\n"},
      {"latency = { median = \"80ms\", sigma = 0.5, distribution = \"lognormall\" }",
       "p.toml:1:58: \"distribution\" does not take \"lognormall\"; did you mean \"lognormal\"?\n"},
      {"latency = { median = \"80ms\", distribution = \"lognormal\" }",
       "p.toml:1:11: \"sigma\" is missing; write for example sigma = 0.5\n"},
      {"latency = { median = \"80ms\", sigma = 11, distribution = \"lognormal\" }",
       "p.toml:1:38: \"sigma\" must be from 0 to 10, not 11\n"},
      {"latency = { median = \"80ms\", alpha = 0, distribution = \"pareto\" }",
       "p.toml:1:38: \"alpha\" must be from 0.1 to 100, not 0\n"},
      {"latency = { median = 80, alpha = 2, distribution = \"pareto\" }",
       "p.toml:1:22: \"median\" takes a duration such as \"250ms\", not an integer: the unit is "
       "missing\n"},
      {"latency = { from = \"5ms\", to = \"1ms\", distribution = \"uniform\" }",
       "p.toml:1:32: \"to\" is shorter than \"from\"\n"},
      {"latency = { values = [], distribution = \"table\" }",
       "p.toml:1:22: a table needs values, for example [\"1s\", \"4s\"]\n"},
      {"latency = { mean = \"5ms\", stddev = \"1ms\", sigma = 1, distribution = \"normal\" }",
       "p.toml:1:43: unknown key \"sigma\"; known keys: distribution, mean, stddev\n"},
      {"latency = \"soon\"",
       "p.toml:1:11: \"latency\": \"soon\" is not a duration; write for example \"250ms\", \"2s\" "
       "or \"1m30s\"\n"},
      {"latency = { distribution = \"{{var.nope}}\" }",
       "p.toml:1:28: {{var.nope}} is not defined; known are var.t\n"},
  };
  for (const auto& [toml, expected] : cases) {
    EXPECT_EQ(read_latency(toml).problems, expected) << toml;
  }
}

TEST(KeySpec, EveryTypeHasANameAndAnExampleThatReads) {
  for (int i = 0; i <= static_cast<int>(ValueType::kTableList); ++i) {
    const auto type = static_cast<ValueType>(i);
    EXPECT_NE(to_string(type), "");
    EXPECT_NE(example_of(type), "");
    if (type == ValueType::kTable || type == ValueType::kTableList) {
      continue;
    }
    const std::string example(example_of(type).substr(0, example_of(type).find(" or ")));
    const TableSpec one{"one", "", {{.name = "k", .type = type, .help = ""}}};
    Diagnostics diagnostics;
    const Scope scope(nullptr);
    const Value document = parse_toml("k = " + example, "p.toml").value();
    const TableReader reader(document, one, scope, diagnostics);
    EXPECT_EQ(diagnostics.to_text(), "") << example;
  }
}

TEST(KeySpec, FindsItsKeys) {
  const TableSpec table{
      "t",
      "",
      {{.name = "one", .help = ""}, {.name = "two", .type = ValueType::kRate, .help = ""}}};
  EXPECT_EQ(table.find("two")->type, ValueType::kRate);
  EXPECT_EQ(table.find("nope"), nullptr);
  EXPECT_EQ(table.key_names(), (std::vector<std::string_view>{"one", "two"}));
}

TEST(DistributionSpecs, DescribeEachKindWithAllItsKeys) {
  ASSERT_EQ(distribution_specs().size(), 7U);
  for (const TableSpec& one : distribution_specs()) {
    ASSERT_NE(one.find("distribution"), nullptr) << one.name;
    for (const KeySpec& key : one.keys) {
      EXPECT_TRUE(key.required) << one.name << " " << key.name;
      EXPECT_NE(key.help, "") << one.name << " " << key.name;
    }
  }
}

}  // namespace
}  // namespace squall::expr
