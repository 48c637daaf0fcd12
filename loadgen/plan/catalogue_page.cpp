#include "loadgen/plan/catalogue_page.hpp"

#include <fmt/core.h>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::plan {

Result<CataloguePage> read_catalogue_page(std::string_view text, const std::string& file) {
  const auto document = expr::parse_toml(text, file);
  if (!document) {
    return fail(document.error());
  }
  const expr::Value* const table = document->find("catalogue");
  if (table == nullptr) {
    return fail(ErrorCode::kNotFound, fmt::format("{} has no [catalogue] table", file));
  }
  if (table->as_table() == nullptr) {
    return fail(Error{ErrorCode::kMalformed, "catalogue is a table", table->where});
  }
  const expr::Scope scope({});
  Diagnostics diagnostics;
  CataloguePage page = read_catalogue(*table, scope, diagnostics);
  const expr::Value* const name = document->find("name");
  page.id = name != nullptr && name->as_string() != nullptr ? *name->as_string() : "";
  for (const Diagnostic& item : diagnostics.sorted()) {
    if (item.severity == Severity::kError) {
      return fail(Error{ErrorCode::kMalformed, item.message, item.where});
    }
  }
  return page;
}

std::string catalogue_markdown(const CataloguePage& page, unsigned heading_level) {
  std::string text =
      fmt::format("{} {}\n\n{}\n\n", std::string(heading_level, '#'), page.id, page.incident);
  const auto line = [&](std::string_view what, const std::string& said) {
    text += fmt::format("- **{}**: {}\n", what, said);
  };
  line("Promise", page.promise);
  line("Provoked", page.provoked);
  line("Judged", page.judged);
  line("Least sample", page.sample);
  line("A false alarm would be", page.false_alarm);
  std::string remedies;
  for (const std::string& remedy : page.remedies) {
    remedies += (remedies.empty() ? "" : " ") + remedy;
  }
  line("Usual remedies", remedies);
  std::string properties;
  for (const std::string& property : page.properties) {
    properties += fmt::format("{}`{}`", properties.empty() ? "" : ", ", property);
  }
  if (!properties.empty()) {
    line("Rehearsed by", "`squall idempotency`, property " + properties);
  }
  return text;
}

}  // namespace squall::plan
