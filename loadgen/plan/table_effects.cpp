// [effects] and [[effects.oracle]].
#include "loadgen/plan/hosts.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/kinds.hpp"
#include "loadgen/plan/tables.hpp"

#include <fmt/core.h>

namespace squall::plan {
namespace {

using expr::ValueType;

void read_oracle(const expr::Value& table, NameSet& names, Build& build) {
  const auto kind =
      resolve_kind(table, oracle_spec(), "kind", build.registries.oracles, build.scope);
  expr::TableReader reader(kind.table, kind.spec, build.scope, build.diagnostics);
  if (kind.kind == nullptr) {
    build.oracles_complete = false;
    return;
  }
  model::OracleSpec oracle;
  oracle.kind = kind.kind;
  oracle.name = reader.has("name") ? reader.string("name") : std::string(kind.kind->name);
  names.add(oracle.name, reader.has("name") ? reader.where("name") : reader.where());
  oracle.where = reader.where();
  oracle.oracle = kind.kind->compile(reader);
  collect_urls(kind.table, build);
  for (model::OracleHost& host : oracle.oracle->hosts()) {
    build.foreign_hosts.push_back({std::move(host.host), host.port, reader.where(host.key)});
  }
  build.plan.effects.oracles.push_back(std::move(oracle));
}

}  // namespace

const expr::TableSpec& oracle_spec() {
  static const expr::TableSpec spec{
      .name = "effects.oracle",
      .help =
          "Where effects are counted, outside the answers that the target gave: before the load "
          "(the baseline) and after it, until two readings agree. Several may be given; they "
          "must agree.",
      .keys = {
          {.name = "kind",
           .type = ValueType::kString,
           .help = "How effects are counted; each kind has keys of its own.",
           .required = true,
           .example = "\"http\""},
          {.name = "name",
           .type = ValueType::kString,
           .help = "For reports and `--set`; the kind unless given.",
           .example = "\"ledger\""},
      }};
  return spec;
}

const expr::TableSpec& effects_spec() {
  static const expr::TableSpec spec{
      .name = "effects",
      .help =
          "How effects are counted. An operation should have had exactly one effect when it was "
          "acknowledged, none when it was rejected, and at most one when nobody knows.",
      .keys = {
          {.name = "oracle",
           .type = ValueType::kTableList,
           .help = "Where effects are counted.",
           .table = &oracle_spec()},
          {.name = "settle",
           .type = ValueType::kDuration,
           .help = "Time between two readings that must agree before they count.",
           .default_value = "1s"},
          {.name = "settle_timeout",
           .type = ValueType::kDuration,
           .help =
               "After which an oracle that still changes is given up: what it counted too often is "
               "proven, every other check on its counts is invalid.",
           .default_value = "30s"},
      }};
  return spec;
}

void read_effects(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, effects_spec(), build.scope, build.diagnostics);
  model::Effects& effects = build.plan.effects;
  effects.settle = reader.duration("settle");
  effects.settle_timeout = reader.duration("settle_timeout");
  if (effects.settle <= Duration::zero()) {
    reader.error("settle",
                 "two readings at one time always agree: give a time above zero, for "
                 "example \"1s\"");
  }
  if (effects.settle_timeout < effects.settle) {
    reader.error(
        "settle_timeout",
        fmt::format("\"settle_timeout\" is below settle ({}), so no two readings would be taken",
                    format_duration(effects.settle)));
  }
  NameSet names("oracle", build.diagnostics);
  const std::vector<const expr::Value*> oracles = reader.tables("oracle");
  const std::size_t count =
      bounded(oracles.size(), kMaxOracles, "oracle", oracles, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    read_oracle(*oracles[i], names, build);
  }
}

}  // namespace squall::plan
