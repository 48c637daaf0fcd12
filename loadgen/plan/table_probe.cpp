// [[probe]]
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/request.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::size_t kMaxProbes = 16;
constexpr Duration kShortestEvery = std::chrono::milliseconds(10);

std::vector<expr::KeySpec> keys_of_probe() {
  std::vector<expr::KeySpec> keys = {
      {.name = "name",
       .type = ValueType::kString,
       .help = "For reports and detectors.",
       .required = true,
       .example = "\"health\""},
      {.name = "target",
       .type = ValueType::kString,
       .help = "The target whose first replica is asked; the first one unless given.",
       .example = "\"shop\""},
      {.name = "every",
       .type = ValueType::kDuration,
       .help = "From one request to the next; the next one waits for the answer, too.",
       .default_value = "500ms"},
      {.name = "timeout",
       .type = ValueType::kDuration,
       .help = "For an answer.",
       .default_value = "2s"},
  };
  const std::vector<expr::KeySpec> request = request_keys();
  keys.insert(keys.end(), request.begin(), request.end());
  return keys;
}

std::uint16_t target_of(expr::TableReader& reader, const model::Plan& plan) {
  if (!reader.has("target")) {
    return 0;
  }
  const std::string name = reader.string("target");
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    if (plan.targets[i].name == name) {
      return static_cast<std::uint16_t>(i);
    }
    names.push_back(plan.targets[i].name);
  }
  reader.error("target", unknown_name("target", name, names));
  return 0;
}

}  // namespace

const expr::TableSpec& probe_spec() {
  static const expr::TableSpec spec{
      .name = "probe",
      .help =
          "A read-only request that is repeated from the load's first second to its last, beside "
          "the load and on connections of its own: what a health check or a balancer sees. Each "
          "answer is recorded with its time.",
      .keys = keys_of_probe()};
  return spec;
}

void read_probes(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("probe", build.diagnostics);
  const std::size_t count = bounded(tables.size(), kMaxProbes, "probe", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    expr::TableReader reader(*tables[i], probe_spec(), build.scope, build.diagnostics);
    model::Probe probe;
    probe.name = reader.string("name");
    if (reader.has("name")) {
      names.add(probe.name, reader.where("name"));
    }
    probe.target = target_of(reader, build.plan);
    probe.every = reader.duration("every");
    probe.timeout = reader.duration("timeout");
    probe.request = read_request(*tables[i], reader, {});
    if (probe.every < kShortestEvery) {
      reader.error("every", "a probe is no load: leave 10ms or more between two of its requests");
    }
    if (probe.timeout <= Duration::zero()) {
      reader.error("timeout", "\"timeout\" must be above zero, for example \"2s\"");
    }
    if (uses(probe.request, expr::Token::kKey)) {
      reader.error("request", "{{key}} belongs to an operation of a step; a probe has none");
    }
    build.plan.probes.push_back(std::move(probe));
  }
}

}  // namespace squall::plan
