// Toxics as plans write them.
#include "faults/proxy/planned_toxics.hpp"

#include <gtest/gtest.h>

#include "faults/proxy/toxic_attributes.hpp"
#include "loadgen/base/diagnostics.hpp"

namespace squall::faults {
namespace {

class PlannedToxics : public ::testing::Test {
 protected:
  PlannedToxics() {
    register_toxics(toxics_);
    add_planned_toxics(toxics_, kinds_);
  }

  // The attributes on the wire, as TOML.
  std::string wire(std::string_view kind, std::string_view toml) {
    problems_ = {};
    const model::ProxyFaultKind& found = *kinds_.find(kind);
    const expr::Value table = *expr::parse_toml(toml, "plan.toml");
    const expr::Scope scope([](const std::string&) { return std::optional<std::string>(); });
    Diagnostics diagnostics;
    expr::TableReader reader(table, *found.keys, scope, diagnostics);
    const expr::Value attributes = found.read(reader);
    problems_ = diagnostics.to_text();
    return expr::to_toml(attributes);
  }
  std::string problems(std::string_view kind, std::string_view toml) {
    (void)wire(kind, toml);
    return problems_;
  }

  ToxicRegistry toxics_;
  model::ProxyFaultRegistry kinds_;
  std::string problems_;
};

TEST_F(PlannedToxics, EveryToxicIsAKindAndItsExampleIsRight) {
  ASSERT_EQ(kinds_.names(), toxics_.names());
  for (const model::ProxyFaultKind& kind : kinds_.entries()) {
    EXPECT_EQ(problems(kind.name, kind.example), "") << kind.name;
    for (const expr::KeySpec& key : kind.keys->keys) {
      EXPECT_TRUE(key.required || !key.default_value.empty()) << kind.name << ": " << key.name;
      EXPECT_NE(std::string(kind.example).find(key.name + " = "), std::string::npos)
          << kind.name << ": " << key.name << " is not in the example";
    }
    EXPECT_EQ(kind.example.empty(), kind.keys->keys.empty()) << kind.name;
  }
}

TEST_F(PlannedToxics, QuantitiesBecomeTheUnitsOfTheWire) {
  EXPECT_EQ(wire("bandwidth", "rate = \"64KB/s\""), "rate = 64\n");
  EXPECT_EQ(wire("bandwidth", "rate = \"6MB/m\""), "rate = 100\n");
  EXPECT_EQ(wire("close_after", "delay = \"1.5s\""), "delay = 1500\n");
  EXPECT_EQ(wire("limit_data", "bytes = \"4KiB\""), "bytes = 4096\n");
  EXPECT_EQ(wire("corrupt", "rate = \"25%\""), "rate = 0.25\n");
  EXPECT_EQ(wire("slicer", "average_size = \"64\"\ndelay = \"2ms\""),
            "average_size = 64\nsize_variation = 0\ndelay = 2000\n");
  EXPECT_EQ(wire("mtu_blackhole", ""), "mtu = 1400\n");
  EXPECT_EQ(wire("timeout", ""), "timeout = 0\n");
  EXPECT_EQ(wire("blackhole", ""), "");
}

TEST_F(PlannedToxics, LatencyIsADistributionThatTheToxicDrawsFrom) {
  for (const char* written :
       {"latency = \"80ms\"", "latency = \"1.5ms\"",
        "latency = { distribution = \"uniform\", from = \"1ms\", to = \"2ms\" }",
        "latency = { distribution = \"normal\", mean = \"5ms\", stddev = \"100us\" }",
        "latency = { median = \"80ms\", sigma = 0.5, distribution = \"lognormal\" }",
        "latency = { median = \"80ms\", alpha = 1.5, distribution = \"pareto\" }",
        "latency = { mean = \"80ms\", distribution = \"exponential\" }",
        "latency = { values = [\"1s\", \"4s\"], distribution = \"table\" }"}) {
    const std::string attributes = wire("latency", written);
    EXPECT_EQ(problems_, "") << written;
    const expr::Value table = *expr::parse_toml(attributes, "wire.toml");
    const expr::Scope scope([](const std::string&) { return std::optional<std::string>(); });
    Diagnostics diagnostics;
    expr::TableReader wire_reader(table, *toxics_.find("latency")->attributes, scope, diagnostics);
    const expr::Value plan = *expr::parse_toml(written, "plan.toml");
    expr::TableReader plan_reader(plan, *kinds_.find("latency")->keys, scope, diagnostics);
    EXPECT_EQ(wire_reader.distribution("delay"), plan_reader.distribution("latency")) << written;
    EXPECT_EQ(diagnostics.to_text(), "") << attributes;
  }
}

TEST_F(PlannedToxics, WhatTheWireCannotSayIsAProblemAtItsPlace) {
  EXPECT_NE(problems("bandwidth", "rate = \"100B/s\"").find("plan.toml:1:8"), std::string::npos);
  EXPECT_NE(problems("bandwidth", "rate = \"100\"").find("is no pace"), std::string::npos);
  EXPECT_NE(problems("slow_close", "delay = \"1500us\"").find("whole milliseconds"),
            std::string::npos);
  EXPECT_NE(problems("latency", "").find("latency"), std::string::npos) << "it is required";
}

}  // namespace
}  // namespace squall::faults
