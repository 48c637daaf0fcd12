// Generated plans, loaded again.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "loadgen/import/import.hpp"
#include "loadgen/plan/loader.hpp"
#include "tests/support/all_registries.hpp"

namespace squall::import {

// What the loader makes of it, with files from `folder`; variables of the environment are
// "env-NAME". Null, with a failure, when it is not valid.
inline std::shared_ptr<const model::Plan> loaded(const std::string& text,
                                                 const std::string& folder = ".") {
  plan::LoadOptions options;
  options.folder = folder;
  options.environment = [](const std::string& name) {
    return std::optional<std::string>("env-" + name);
  };
  options.free_port = [] { return Result<std::uint16_t>(std::uint16_t{9}); };
  options.entropy = [] { return std::uint64_t{7}; };
  const plan::Loaded result =
      plan::load(text, "generated.toml", test::all_registries().for_plans(), options);
  EXPECT_FALSE(result.diagnostics.has_errors()) << result.diagnostics.to_text() << text;
  return result.plan;
}

// The plan's text after it was loaded without an error; a failure otherwise.
inline std::string valid(const Result<GeneratedPlan>& plan) {
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : to_string(plan.error()));
  return plan && loaded(plan->text) != nullptr ? plan->text : "";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Everything that was left out, in lines.
inline std::string notes_of(const Result<GeneratedPlan>& plan) {
  std::string all;
  for (std::size_t i = 0; plan && i < plan->notes.size(); ++i) {
    all += plan->notes[i] + "\n";
  }
  return all;
}

}  // namespace squall::import
