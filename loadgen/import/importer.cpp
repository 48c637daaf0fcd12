#include "loadgen/import/importer.hpp"

namespace squall::import {

void add_default_load(PlanDraft& draft, std::string_view rate) {
  draft.vars.push_back({"rate", toml_value(rate), "--set vars.rate=200/s"});
  draft.load.push_back(
      {"duration", toml_value("30s"), "the measured phase; --set load.duration=2m"});
  draft.load.push_back({"connections", toml_value(std::int64_t{64}), "most sockets at one time"});
}

expr::Table poisson_arrivals() {
  expr::Table table;
  table.push_back({"process", {}, toml_value("poisson")});
  table.push_back({"rate", {}, toml_value("{{var.rate}}")});
  return table;
}

}  // namespace squall::import
