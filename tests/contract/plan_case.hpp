// Plans around one registered entry: what the contract tests load.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "loadgen/model/report_format.hpp"
#include "loadgen/plan/loader.hpp"
#include "tests/paths.hpp"
#include "tests/support/all_registries.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::model {
// Names the parameter in GoogleTest's output.
inline void PrintTo(const ArrivalKind& kind, std::ostream* out) {
  *out << kind.name;
}
inline void PrintTo(const ClientFaultKind& kind, std::ostream* out) {
  *out << kind.name;
}
inline void PrintTo(const OracleKind& kind, std::ostream* out) {
  *out << kind.name;
}
inline void PrintTo(const DetectorKind& kind, std::ostream* out) {
  *out << kind.name;
}
inline void PrintTo(const FormatKind& kind, std::ostream* out) {
  *out << kind.name;
}
}  // namespace squall::model

namespace squall::contract {

using test::all_registries;

// A plan with one effect step "buy.charge" that uses {{now}}; `arrivals` is its `arrivals = …`
// line, `rest` whole tables that follow.
inline std::string plan_with(std::string_view rest,
                             std::string_view arrivals =
                                 "arrivals = { process = \"constant\", rate = "
                                 "\"100/s\" }") {
  return R"(format = 1
name = "contract"
[[target]]
name = "api"
urls = ["http://127.0.0.1:9"]
[load]
duration = "30s"
[[scenario]]
name = "buy"
)" + std::string(arrivals) +
         R"(
  [[scenario.step]]
  name = "charge"
  request = "POST /payments"
  headers = { Idempotency-Key = "{{key}}", Date = "{{now | http}}" }
  json = { token = "{{key}}" }
  effect = "{{key}}"
)" + std::string(rest);
}

// The same around the example of a kind of faults or oracles, with lines for its table.
template <class Kind>
std::string plan_with_example(const Kind& kind, std::string_view more_keys = "") {
  return plan_with(std::string(kind.example) + std::string(more_keys));
}

inline plan::Loaded load(const std::string& text, std::uint64_t seed = 7) {
  plan::LoadOptions options;
  options.seed = seed;
  options.run_id = "contract";
  options.folder = SQUALL_SOURCE_DIR "/plans";  // where the examples' files are
  options.environment = [](const std::string&) { return std::optional<std::string>(); };
  options.free_port = [] { return Result<std::uint16_t>(test::RefusedPort().port()); };
  options.entropy = [] { return std::uint64_t{1}; };
  return plan::load(text, "contract.toml", all_registries().for_plans(), options);
}

// Loads or fails the test.
inline std::shared_ptr<const model::Plan> must_load(const std::string& text,
                                                    std::uint64_t seed = 7) {
  const plan::Loaded loaded = load(text, seed);
  EXPECT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text() << text;
  EXPECT_FALSE(loaded.diagnostics.has_errors());
  return loaded.plan;
}

inline void expect_good_name(std::string_view name) {
  const bool good = !name.empty() && std::islower(static_cast<unsigned char>(name.front())) != 0 &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return std::islower(static_cast<unsigned char>(c)) != 0 ||
                             std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-' ||
                             c == '_';
                    });
  EXPECT_TRUE(good) << "\"" << name << "\" is not lower case";
}

inline void expect_good_summary(std::string_view summary) {
  EXPECT_FALSE(summary.empty());
  EXPECT_LE(summary.size(), 100u) << summary;
  EXPECT_EQ(summary.find('\n'), std::string_view::npos);
  EXPECT_FALSE(summary.ends_with('.')) << summary;
}

// Keys are documented, on one line, and a default is one of the choices.
inline void expect_good_keys(const expr::TableSpec* keys) {
  ASSERT_NE(keys, nullptr);
  for (const expr::KeySpec& key : keys->keys) {
    expect_good_name(key.name);
    EXPECT_FALSE(key.help.empty()) << key.name;
    EXPECT_EQ(key.help.find('\n'), std::string::npos) << key.name;
    EXPECT_TRUE(!key.required || key.default_value.empty()) << key.name << " needs no default";
    if (!key.choices.empty() && !key.default_value.empty()) {
      EXPECT_NE(std::find(key.choices.begin(), key.choices.end(), key.default_value),
                key.choices.end())
          << key.name;
    }
  }
}

// The key's default as a line of TOML.
inline std::string default_line(const expr::KeySpec& key) {
  const bool bare = key.type == expr::ValueType::kInteger || key.type == expr::ValueType::kNumber ||
                    key.type == expr::ValueType::kBoolean;
  return key.name + " = " + (bare ? key.default_value : "'" + key.default_value + "'") + "\n";
}

// Line (from 1) on which `part` stands in `text`.
inline unsigned line_of(const std::string& text, std::string_view part) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find(part));
  return static_cast<unsigned>(std::count(text.begin(), end, '\n')) + 1;
}

// An unknown key in the entry's table is refused where it stands, by name.
inline void expect_unknown_key_refused(const std::string& plan_text) {
  const plan::Loaded loaded = load(plan_text);
  EXPECT_EQ(loaded.plan, nullptr);
  const std::string problems = loaded.diagnostics.to_text();
  const std::string place =
      "contract.toml:" + std::to_string(line_of(plan_text, "no_such_key")) + ":";
  EXPECT_NE(problems.find(place), std::string::npos) << problems;
  EXPECT_NE(problems.find("no_such_key"), std::string::npos) << problems;
}

// Whether the example gives the key a value.
template <class Kind>
bool example_has(const Kind& kind, const expr::KeySpec& key) {
  return kind.example.find("\n" + key.name + " = ") != std::string_view::npos;
}

// No key takes a value of a type that is not its own.
template <class Kind>
void expect_wrong_types_refused(const Kind& kind) {
  for (const expr::KeySpec& key : kind.keys->keys) {
    if (example_has(kind, key)) {
      continue;
    }
    for (const char* value : {"[[1]]", "{ a = { b = 1 } }", "-1e300"}) {
      const plan::Loaded loaded = load(plan_with_example(kind, key.name + " = " + value + "\n"));
      EXPECT_EQ(loaded.plan, nullptr) << key.name << " = " << value;
    }
  }
}

}  // namespace squall::contract
