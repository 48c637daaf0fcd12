// [[fault]] with `proxy`: the keys that every kind has.
#include "loadgen/plan/fault_window.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/kinds.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace squall::plan {
namespace {

using expr::ValueType;
using model::ProxyFaultUnit;

const model::ProxyPlan* find_proxy(expr::TableReader& reader, const Build& build) {
  const std::string name = reader.string("proxy");
  std::vector<std::string_view> known;
  for (const model::ProxyPlan& proxy : build.plan.proxies) {
    if (proxy.name == name) {
      return &proxy;
    }
    known.emplace_back(proxy.name);
  }
  reader.error("proxy", unknown_name("proxy", name, known));
  return nullptr;
}

// Of links; an HTTP exchange has no direction, and needs a proxy that sees exchanges.
void read_direction(expr::TableReader& reader, const model::ProxyPlan* proxy,
                    model::PlannedProxyFault& fault) {
  if (fault.kind->unit == ProxyFaultUnit::kLink) {
    fault.direction = reader.string("direction");
    return;
  }
  if (reader.has("direction")) {
    reader.error("direction", fmt::format("{} is done to whole exchanges, which have no direction",
                                          fault.kind->name));
  }
  if (proxy != nullptr && proxy->mode != model::ProxyMode::kHttp) {
    reader.error("proxy", fmt::format("{} needs a proxy that sees HTTP: give [[proxy]] \"{}\" "
                                      "mode = \"http\"",
                                      fault.kind->name, proxy->name));
  }
}

}  // namespace

const expr::TableSpec& proxy_fault_spec() {
  static const expr::TableSpec spec{
      .name = "fault",
      .help =
          "Something that goes wrong on purpose on a proxy. What it touches is decided from the "
          "seed, once for each; a fault that touched nothing makes the run invalid.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "For reports and `--set`; it also names the fault's stream of chance.",
           .required = true,
           .example = "\"slow-psp\""},
          {.name = "kind",
           .type = ValueType::kString,
           .help = "What happens; each kind has keys of its own.",
           .required = true,
           .example = "\"latency\""},
          {.name = "proxy",
           .type = ValueType::kString,
           .help = "Name of the [[proxy]] that it is put on.",
           .required = true,
           .example = "\"psp\""},
          {.name = "direction",
           .type = ValueType::kString,
           .help = "`downstream`: of what the server sends, `upstream`: of what is sent to it.",
           .default_value = "downstream",
           .choices = {"downstream", "upstream"}},
          {.name = "share",
           .type = ValueType::kShare,
           .help = "Of the connections that it could touch, each decided once, those included "
                   "that are open when it is put on; of faults on HTTP exchanges: of the requests "
                   "that come while it is on and fit.",
           .default_value = "100%"},
          {.name = "window",
           .type = ValueType::kWindow,
           .help = "From and to after t = 0: put on and taken off at these instants; without it "
                   "the whole load, warm-up and drain included.",
           .example = "[\"10s\", \"20s\"]"},
      }};
  return spec;
}

void read_proxy_fault(const expr::Value& table, NameSet& names, Build& build) {
  const auto kind =
      resolve_kind(table, proxy_fault_spec(), "kind", build.registries.proxy_faults, build.scope);
  expr::TableReader reader(kind.table, kind.spec, build.scope, build.diagnostics);
  model::PlannedProxyFault fault;
  fault.name = reader.string("name");
  if (reader.has("name")) {
    names.add(fault.name, reader.where("name"));
  }
  fault.kind = kind.kind;
  fault.where = reader.where();
  fault.proxy = reader.string("proxy");
  const model::ProxyPlan* proxy = reader.has("proxy") ? find_proxy(reader, build) : nullptr;
  fault.share = read_fault_share(reader);
  fault.window = read_fault_window(reader, build.plan.load);
  if (kind.kind == nullptr) {
    return;
  }
  read_direction(reader, proxy, fault);
  fault.attributes = kind.kind->read(reader);
  build.plan.proxy_faults.push_back(std::move(fault));
}

}  // namespace squall::plan
