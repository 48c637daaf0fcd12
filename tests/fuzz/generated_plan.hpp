// What every importer promises: a plan that loads, or an error that people can read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/import/import.hpp"
#include "tests/support/all_registries.hpp"
#include "tests/support/files.hpp"

namespace squall::fuzz {

// The loader knows which words near to a method's name are slips of it, and importers do not.
inline bool is_excused(std::string_view message) {
  return message.find("is not an HTTP method") != std::string_view::npos;
}

inline void check_import(import::Source source, std::string_view text) {
  import::ImportOptions options;
  options.file = "outside";
  options.include_destructive = true;
  const auto plan = import::plan_from(source, text, options);
  if (!plan) {
    SQUALL_CHECK(!plan.error().message.empty());
    SQUALL_CHECK(plan.error().code != ErrorCode::kInternal);
    SQUALL_CHECK(plan.error().message.find_first_of(std::string_view("\x00\x1b\r", 3)) ==
                 std::string::npos);
    return;
  }
  plan::LoadOptions load;
  load.environment = [](const std::string& /*name*/) {
    return std::optional<std::string>("Zq9-secret");
  };
  load.free_port = [] { return Result<std::uint16_t>(std::uint16_t{9}); };
  load.entropy = [] { return std::uint64_t{7}; };
  std::optional<test::TestDirectory> folder;
  if (!plan->files.empty()) {
    load.folder = folder.emplace().path();
  }
  for (const import::SideFile& file : plan->files) {
    SQUALL_CHECK(file.name.find('/') == std::string::npos);
    static_cast<void>(folder->write(file.name, file.content));
  }
  const plan::Loaded loaded =
      plan::load(plan->text, "generated", test::all_registries().for_plans(), load);
  for (const Diagnostic& problem : loaded.diagnostics.sorted()) {
    if (problem.severity == Severity::kError && !is_excused(problem.message)) {
      std::fprintf(stderr, "%s\n%s", loaded.diagnostics.to_text().c_str(), plan->text.c_str());
      SQUALL_CHECK(false);
    }
  }
}

}  // namespace squall::fuzz
