#include "loadgen/plan/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "loadgen/base/generated_section.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/schema.hpp"
#include "tests/paths.hpp"
#include "tests/support/all_registries.hpp"
#include "tests/support/files.hpp"

namespace squall::plan {
namespace {

using nlohmann::json;
using test::all_registries;
using testing::HasSubstr;

// Calls `visit` for every table below `table`.
template <class Visit>
void for_each_table(const expr::TableSpec& table, const Visit& visit) {
  visit(table);
  for (const expr::KeySpec& key : table.keys) {
    if (key.table != nullptr) {
      for_each_table(*key.table, visit);
    }
  }
}

TEST(KeyTable, EveryKeyIsDescribedAndEveryNestedTableToo) {
  for_each_table(plan_spec(), [](const expr::TableSpec& table) {
    EXPECT_FALSE(table.help.empty()) << table.name;
    for (const expr::KeySpec& key : table.keys) {
      EXPECT_TRUE(key.help.ends_with('.')) << table.name << "." << key.name;
      EXPECT_EQ(key.help.find('\n'), std::string::npos) << table.name << "." << key.name;
      EXPECT_FALSE(key.required && !key.default_value.empty()) << table.name << "." << key.name;
    }
  });
}

TEST(KeyTable, ExamplesAreToml) {
  for_each_table(plan_spec(), [](const expr::TableSpec& table) {
    for (const expr::KeySpec& key : table.keys) {
      if (!key.example.empty()) {
        EXPECT_TRUE(expr::parse_toml("x = " + key.example, "").has_value())
            << table.name << "." << key.name << " = " << key.example;
      }
    }
  });
}

TEST(Reference, NamesEveryKeyAndEveryKind) {
  const std::string text = reference(all_registries().for_plans());
  for_each_table(plan_spec(), [&](const expr::TableSpec& table) {
    EXPECT_THAT(text, HasSubstr(table.help));
    for (const expr::KeySpec& key : table.keys) {
      EXPECT_THAT(text, HasSubstr("| `" + key.name + "` |"));
    }
  });
  for (const auto& kind : all_registries().faults.entries()) {
    EXPECT_THAT(text, HasSubstr("kind = \"" + std::string(kind.name) + "\""));
    EXPECT_THAT(text, HasSubstr(std::string(kind.example)));
  }
  EXPECT_THAT(text, HasSubstr("```ebnf\n"));
}

// SQUALL_UPDATE_GOLDEN=1 writes it, as does `squall __reference`.
TEST(Reference, ThatOfThePlansIsUpToDate) {
  const std::filesystem::path path = SQUALL_SOURCE_DIR "/plans/README.md";
  const std::string readme = test::read_file(path);
  const auto generated = replace_generated_section(
      readme, "reference", "\n" + reference(all_registries().for_plans()) + "\n");
  ASSERT_TRUE(generated.has_value());
  if (std::getenv("SQUALL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << *generated;
    return;
  }
  EXPECT_TRUE(*generated == readme) << "plans/README.md is out of date: run this test with "
                                       "SQUALL_UPDATE_GOLDEN=1 and read the difference";
}

TEST(Schema, IsAJsonSchemaOfEveryKey) {
  const json document = json::parse(schema(all_registries().for_plans()));
  EXPECT_EQ(document["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(document["type"], "object");
  EXPECT_EQ(document["additionalProperties"], false);
  EXPECT_EQ(document["properties"].size(), plan_spec().keys.size());
  EXPECT_EQ(document["required"], json({"format", "name", "target"}));
  EXPECT_EQ(document["anyOf"], json({{{"required", {"load", "scenario"}}},
                                     {{"required", json::array({"idempotency"})}}}));
  const json& load = document["properties"]["load"];
  EXPECT_EQ(load["properties"]["threads"]["default"], 1);
  EXPECT_EQ(load["properties"]["drain"]["default"], "10s");
  EXPECT_EQ(load["required"], json({"duration"}));
  EXPECT_EQ(document["properties"]["scenario"]["type"], "array");
}

TEST(Schema, HasOneAlternativeForEachKind) {
  const json document = json::parse(schema(all_registries().for_plans()));
  const json& alternatives = document["properties"]["fault"]["items"]["oneOf"];
  const std::size_t on_requests = all_registries().faults.entries().size();
  ASSERT_EQ(alternatives.size(), on_requests + all_registries().proxy_faults.entries().size());
  EXPECT_TRUE(alternatives[on_requests]["properties"].contains("proxy"));
  for (std::size_t i = 0; i < on_requests; ++i) {
    const auto& kind = all_registries().faults.entries()[i];
    EXPECT_EQ(alternatives[i]["properties"]["kind"]["const"], kind.name);
    for (const expr::KeySpec& key : kind.keys->keys) {
      EXPECT_TRUE(alternatives[i]["properties"].contains(key.name)) << kind.name << "." << key.name;
    }
    EXPECT_TRUE(alternatives[i]["properties"].contains("share"));
  }
}

TEST(ShippedPlans, Load) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SQUALL_SOURCE_DIR "/plans")) {
    if (entry.path().extension() != ".toml") {
      continue;
    }
    ++count;
    LoadOptions options;
    std::uint16_t port = 40000;
    options.free_port = [&] { return Result<std::uint16_t>(++port); };
    options.entropy = [] { return std::uint64_t{1}; };
    const Loaded loaded = load_file(entry.path().string(), all_registries().for_plans(), options);
    EXPECT_NE(loaded.plan, nullptr);
    EXPECT_EQ(loaded.diagnostics.to_text(), "") << "not even a warning";
  }
  EXPECT_GE(count, 1u);
}

TEST(ShippedPlans, CheckoutTakesTheVariantOfTheShop) {
  LoadOptions options;
  std::uint16_t port = 40000;
  options.free_port = [&] { return Result<std::uint16_t>(++port); };
  options.set = {{"vars.payments", "atomic"}, {"vars.rate", "20/s"}};
  const Loaded loaded =
      load_file(SQUALL_SOURCE_DIR "/plans/checkout.toml", all_registries().for_plans(), options);
  ASSERT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
  ASSERT_EQ(loaded.plan->services.size(), 2u);
  EXPECT_EQ(loaded.plan->services[1].command.back(), "atomic");
  EXPECT_EQ(loaded.plan->scenarios[0].arrivals_text, "poisson 20/s");
  EXPECT_EQ(loaded.plan->faults.size(), 2u);
  ASSERT_EQ(loaded.plan->proxy_faults.size(), 1u);
  EXPECT_EQ(loaded.plan->proxy_faults[0].proxy, "psp");
  const auto& command = loaded.plan->services[1].command;
  EXPECT_NE(std::find(command.begin(), command.end(), "http://" + loaded.plan->proxies[0].listen),
            command.end());
  EXPECT_TRUE(loaded.plan->counts_effects());
}

}  // namespace
}  // namespace squall::plan
