#include "loadgen/app/generated_text.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/model/fault_reference.hpp"
#include "loadgen/plan/reference.hpp"
#include "loadgen/plan/schema.hpp"

namespace squall::app {

Result<std::string> replace_section(std::string_view text, std::string_view name,
                                    std::string_view section) {
  const std::string begin = fmt::format("<!-- generated: {} -->\n", name);
  constexpr std::string_view kEnd = "<!-- end -->";
  const std::size_t from = text.find(begin);
  const std::size_t to = from == std::string_view::npos ? from : text.find(kEnd, from);
  if (to == std::string_view::npos) {
    return fail(ErrorCode::kMalformed,
                fmt::format("no section <!-- generated: {} --> … {}", name, kEnd));
  }
  return fmt::format("{}{}{}{}", text.substr(0, from), begin, section, text.substr(to));
}

namespace {

// Of a tree of its own: one that has parsed a subcommand prints that subcommand's help.
std::string top_level_help() {
  run::StopSignal unused;
  Cli cli{unused, {}};
  return make_command_tree(cli)->help();
}

}  // namespace

std::vector<GeneratedFile> generated_files() {
  return {
      {"plans/README.md",
       [](std::string_view before) {
         return plan::with_reference(before, registries().for_plans());
       }},
      {"plans/plan.schema.json",
       [](std::string_view) -> Result<std::string> {
         return plan::schema(registries().for_plans());
       }},
      {"faults/README.md",
       [](std::string_view before) {
         return replace_section(before, "faults", model::fault_reference(registries().faults));
       }},
      {"README.md",
       [](std::string_view before) {
         return replace_section(before, "help", "```\n" + top_level_help() + "```\n");
       }},
  };
}

}  // namespace squall::app
