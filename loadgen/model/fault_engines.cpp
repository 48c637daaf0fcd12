#include "loadgen/model/fault_engines.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/key_markdown.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/model/engine_abilities.hpp"

namespace squall::model {
namespace {

using expr::Value;

Value parsed(std::string_view toml) {
  auto document = expr::parse_toml(toml, "");
  SQUALL_CHECK(document.has_value());
  return std::move(*document);
}

// The keys of the kind in its example, with those of `form` laid over them.
Value table_of(const ClientFaultKind& kind, std::string_view form) {
  const Value example = parsed(kind.example);
  const Value* const faults = example.find("fault");
  SQUALL_CHECK(faults != nullptr && faults->as_array() != nullptr && !faults->as_array()->empty());
  const Value changes = parsed(form);
  expr::Table table;
  for (const expr::KeySpec& key : kind.keys->keys) {
    const Value* const changed = changes.find(key.name);
    const Value* const value =
        changed != nullptr ? changed : faults->as_array()->front().find(key.name);
    if (value != nullptr) {
      table.push_back({key.name, {}, *value});
    }
  }
  return {std::move(table), {}};
}

std::vector<std::string> forms_of(const ClientFaultKind& kind) {
  std::vector<std::string> forms(kind.forms.begin(), kind.forms.end());
  for (const expr::KeySpec& key : kind.keys->keys) {
    for (std::size_t i = 0; forms.size() == i && i < key.choices.size(); ++i) {
      forms.push_back(fmt::format("{} = \"{}\"", key.name, key.choices[i]));
    }
    if (!forms.empty()) {
      break;
    }
  }
  if (forms.empty()) {
    forms.emplace_back();
  }
  return forms;
}

std::string row(const ClientFaultKind& kind, const std::string& form) {
  const Value table = table_of(kind, form);
  const expr::Scope scope([](const std::string&) { return std::nullopt; });
  Diagnostics diagnostics;
  expr::TableReader reader(table, *kind.keys, scope, diagnostics);
  const auto fault = kind.compile(reader);
  SQUALL_CHECK(!diagnostics.has_errors());
  WireScript script;
  FaultDraw draw(StreamId(1, kind.name, "table"), 0, 0);
  SQUALL_CHECK(fault->apply(script, {}, draw).has_value());
  std::string label = form;
  std::replace(label.begin(), label.end(), '\n', ' ');
  const auto verdict = [&](EngineKind engine) {
    const std::string why = why_not_on(engine, script);
    if (!why.empty()) {
      return fmt::format("no: {}", why);
    }
    const std::string without_body = why_not_on(engine, script, RequestBody::kNone);
    return without_body.empty() ? std::string("yes")
                                : fmt::format("with a request body; else no: {}", without_body);
  };
  return fmt::format("| {} | {} | {} | {} |\n", kind.name,
                     label.empty() ? "" : fmt::format("`{}`", label),
                     expr::markdown_cell(verdict(EngineKind::kNative)),
                     expr::markdown_cell(verdict(EngineKind::kCurl)));
}

}  // namespace

std::string fault_engine_table(const ClientFaultRegistry& registry) {
  std::string out = "| kind | with | native | curl |\n|---|---|---|---|\n";
  for (const ClientFaultKind& kind : registry.entries()) {
    for (const std::string& form : forms_of(kind)) {
      out += row(kind, form);
    }
  }
  return out;
}

}  // namespace squall::model
