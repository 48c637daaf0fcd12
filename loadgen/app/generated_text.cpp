#include "loadgen/app/generated_text.hpp"

#include <CLI/CLI.hpp>

#include "faults/proxy/toxic_reference.hpp"
#include "loadgen/app/catalogue_rows.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/profile_reference.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/base/generated_section.hpp"
#include "loadgen/model/fault_engines.hpp"
#include "loadgen/model/fault_reference.hpp"
#include "loadgen/plan/reference.hpp"
#include "loadgen/plan/schema.hpp"

namespace squall::app {
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
         return replace_generated_section(before, "reference",
                                          "\n" + plan::reference(registries().for_plans()) + "\n");
       }},
      {"plans/catalogue/README.md",
       [](std::string_view before) {
         return replace_generated_section(before, "catalogue", "\n" + catalogue_reference() + "\n");
       }},
      {"plans/profiles/README.md",
       [](std::string_view before) {
         auto text =
             replace_generated_section(before, "properties", "\n" + property_table() + "\n");
         if (text) {
           text = replace_generated_section(*text, "profiles", "\n" + profile_table() + "\n");
         }
         return text ? replace_generated_section(*text, "keys", "\n" + profile_keys() + "\n")
                     : text;
       }},
      {"plans/plan.schema.json",
       [](std::string_view) -> Result<std::string> {
         return plan::schema(registries().for_plans());
       }},
      {"faults/README.md",
       [](std::string_view before) {
         const auto& client = registries().faults;
         auto text = replace_generated_section(before, "faults", model::fault_reference(client));
         if (text) {
           text = replace_generated_section(*text, "engines", model::fault_engine_table(client));
         }
         return text ? replace_generated_section(*text, "toxics",
                                                 faults::toxic_reference(registries().toxics))
                     : text;
       }},
      {"reports/README.md",
       [](std::string_view before) {
         return replace_generated_section(before, "detectors",
                                          plan::detector_table(registries().detectors));
       }},
      {"README.md",
       [](std::string_view before) {
         return replace_generated_section(before, "help", "```\n" + top_level_help() + "```\n");
       }},
  };
}

}  // namespace squall::app
