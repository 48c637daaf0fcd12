// [[caller]] and the keys that name callers.
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/request.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

namespace squall::plan {

using expr::ValueType;

const expr::TableSpec& caller_spec() {
  static const expr::TableSpec spec{
      .name = "caller",
      .help =
          "An identity with credentials of its own. Arrivals take turns among the callers of "
          "their scenario; the ledger says who asked.",
      .keys = {{.name = "name",
                .type = ValueType::kString,
                .help = "By which scenarios and steps name it; `{{caller}}` in templates.",
                .required = true,
                .example = "\"alice\""},
               {.name = "headers",
                .type = ValueType::kTemplateMap,
                .help = "Headers of its requests. They replace the target's of the same name, and "
                        "a step's replace them.",
                .required = true,
                .example = "{ Authorization = \"Bearer ${env:ALICE}\" }"}}};
  return spec;
}

void read_callers(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("caller", build.diagnostics);
  const std::size_t count =
      bounded(tables.size(), kMaxCallers, "caller", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    expr::TableReader reader(*tables[i], caller_spec(), build.scope, build.diagnostics);
    model::Caller caller;
    caller.name = reader.string("name");
    if (reader.has("name")) {
      names.add(caller.name, reader.where("name"));
    }
    caller.headers = read_headers(*tables[i], "headers", reader, {});
    build.plan.callers.push_back(std::move(caller));
  }
}

std::optional<std::uint16_t> find_caller(const expr::LocatedText& name, Build& build) {
  std::vector<std::string_view> known;
  for (const model::Caller& caller : build.plan.callers) {
    if (caller.name == name.text) {
      return static_cast<std::uint16_t>(known.size());
    }
    known.push_back(caller.name);
  }
  build.diagnostics.error(name.where, unknown_name("caller", name.text, known));
  return std::nullopt;
}

std::vector<std::uint16_t> read_caller_names(expr::TableReader& reader, Build& build) {
  std::vector<std::uint16_t> callers;
  if (!reader.has("callers")) {
    for (std::size_t i = 0; i < build.plan.callers.size(); ++i) {
      callers.push_back(static_cast<std::uint16_t>(i));
    }
    return callers;
  }
  const std::vector<expr::LocatedText> names = reader.string_list("callers");
  for (const expr::LocatedText& name : names) {
    const auto caller = find_caller(name, build);
    if (caller && std::find(callers.begin(), callers.end(), *caller) != callers.end()) {
      build.diagnostics.error(name.where, "this caller stands here twice");
    } else if (caller) {
      callers.push_back(*caller);
    }
  }
  if (names.empty()) {
    reader.error("callers", "names no caller, for example [\"alice\", \"bob\"]");
  }
  return callers;
}

}  // namespace squall::plan
