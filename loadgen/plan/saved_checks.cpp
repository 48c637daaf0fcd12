#include "loadgen/plan/saved_checks.hpp"

#include <utility>

#include "loadgen/expr/value.hpp"
#include "loadgen/plan/build.hpp"
#include "loadgen/plan/tables.hpp"
#include "loadgen/plan/variables.hpp"

namespace squall::plan {

Result<model::Checks> read_saved_checks(std::string_view text, const std::string& file,
                                        const Registries& registries, const LoadOptions& options) {
  const auto document = expr::parse_toml(text, file);
  if (!document) {
    return fail(document.error());
  }
  expr::Scope scope([&](const std::string& name) -> std::optional<std::string> {
    const auto value = options.environment ? options.environment(name) : std::nullopt;
    return value.value_or("");
  });
  scope.define("run", options.run_id.value_or(""));
  Diagnostics diagnostics;
  define_vars(*document, scope, diagnostics);
  model::Plan plan;
  const SourceText source(text, file);
  Build build{.document = *document,
              .registries = registries,
              .options = options,
              .scope = scope,
              .diagnostics = diagnostics,
              .plan = plan,
              .text = source,
              .shared_traffic = {},
              .effect_places = {},
              .fault_places = {},
              .feeder_places = {},
              .foreign_hosts = {},
              .implied_hosts = {}};
  if (const expr::Value* checks = document->find("checks");
      checks != nullptr && checks->as_table() != nullptr) {
    read_checks(*checks, build);
  }
  for (const Diagnostic& item : diagnostics.sorted()) {
    if (item.severity == Severity::kError) {
      return fail(
          Error{ErrorCode::kMalformed, model::redact(item.message, scope.secrets()), item.where});
    }
  }
  return std::move(plan.checks);
}

}  // namespace squall::plan
