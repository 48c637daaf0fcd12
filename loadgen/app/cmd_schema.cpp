// squall schema
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/plan/schema.hpp"

namespace squall::app {

void add_schema_command(CLI::App& tree, Cli& cli) {
  CLI::App* schema =
      tree.add_subcommand("schema", "Print the JSON Schema of plans, for editors that check TOML");
  schema->callback([&cli] {
    cli.action = [] {
      put(plan::schema(registries().for_plans()));
      return model::ExitCode::kPass;
    };
  });
}

}  // namespace squall::app
