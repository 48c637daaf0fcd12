// [recovery] and [detector.NAME]: how a run is judged beside its checks.
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

std::vector<std::string_view> configurable(const model::DetectorRegistry& registry) {
  std::vector<std::string_view> names;
  for (const model::DetectorKind& kind : registry.entries()) {
    if (kind.settings != nullptr) {
      names.push_back(kind.name);
    }
  }
  return names;
}

// What a setting can name: a step, a proxy or a probe of this plan. Each key of that name means the
// same for every detector; a list of names is one of steps.
void check_reference(expr::TableReader& reader, const expr::KeySpec& key, const Build& build) {
  const model::Plan& plan = build.plan;
  if (key.type == ValueType::kStringList) {
    for (const expr::LocatedText& name : reader.string_list(key.name)) {
      if (steps_named(plan, name.text).empty()) {
        build.diagnostics.error(name.where,
                                unknown_name("scenario or step", name.text, step_names(plan)));
      }
    }
    return;
  }
  std::vector<std::string_view> known;
  if (key.name == "proxy") {
    for (const model::ProxyPlan& proxy : plan.proxies) {
      known.emplace_back(proxy.name);
    }
  } else if (key.name == "probe") {
    for (const auto& probe : plan.probes) {
      known.emplace_back(probe.name);
    }
  } else {
    return;
  }
  const std::string name = reader.string(key.name);
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    reader.error(key.name, unknown_name(key.name, name, known));
  }
}

// A detector learns from exchanges.
void check_mode(expr::TableReader& reader, const Build& build) {
  const std::string name = reader.string("proxy");
  for (const model::ProxyPlan& proxy : build.plan.proxies) {
    if (proxy.name == name && proxy.mode != model::ProxyMode::kHttp) {
      reader.error("proxy", fmt::format("the detector needs a proxy that sees HTTP: give [[proxy]] "
                                        "\"{}\" mode = \"http\"",
                                        name));
    }
  }
}

void read_one(const expr::Entry& entry, const model::DetectorKind& kind, Build& build) {
  expr::TableReader reader(entry.value, *kind.settings, build.scope, build.diagnostics);
  auto& values = build.plan.detector_settings[std::string(kind.name)];
  for (const expr::KeySpec& key : kind.settings->keys) {
    if (reader.has(key.name)) {
      check_reference(reader, key, build);
      values[key.name] = model::setting_text(reader, key);
    }
  }
  if (kind.settings->find("proxy") != nullptr && reader.has("proxy")) {
    check_mode(reader, build);
  }
}

}  // namespace

const expr::TableSpec& recovery_spec() {
  static const expr::TableSpec spec{
      .name = "recovery",
      .help =
          "What counts as recovered, for `time_to_recover` and reports: the first second after "
          "the fault phase from which every second is as good as those of the baseline.",
      .keys = {
          {.name = "within",
           .type = ValueType::kShare,
           .help = "How much worse than the baseline's worst second is still as good; at least one "
                   "point of `error_rate`, and what chance explains of `rate`.",
           .default_value = "20%"},
          {.name = "slack",
           .type = ValueType::kDuration,
           .help = "The same of `response p99`, at least.",
           .default_value = "20ms"},
          {.name = "metrics",
           .type = ValueType::kStringList,
           .help = "Which have to be as good: `error_rate`, `response p99`, `rate`; all unless "
                   "given.",
           .example = "[\"error_rate\", \"response p99\"]"},
      }};
  return spec;
}

const expr::TableSpec& detector_spec() {
  static const expr::TableSpec spec{
      .name = "detector",
      .help =
          "Settings of detectors, each in a table of its name: `[detector.cascade]`. Their keys "
          "stand below, at the detectors. A table also asks for the detector, as `findings` "
          "does, but what it finds only warns then.",
      .keys = {}};
  return spec;
}

void read_recovery(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, recovery_spec(), build.scope, build.diagnostics);
  model::RecoverySettings& recovery = build.plan.recovery;
  recovery.within = reader.share("within").fraction;
  recovery.slack = reader.duration("slack");
  if (!reader.has("metrics")) {
    return;
  }
  recovery.error_rate = recovery.response_p99 = recovery.rate = false;
  const std::vector<expr::LocatedText> metrics = reader.string_list("metrics");
  for (const expr::LocatedText& metric : metrics) {
    if (metric.text == "error_rate") {
      recovery.error_rate = true;
    } else if (metric.text == "response p99") {
      recovery.response_p99 = true;
    } else if (metric.text == "rate") {
      recovery.rate = true;
    } else {
      build.diagnostics.error(metric.where, unknown_name("metric", metric.text,
                                                         {"error_rate", "response p99", "rate"}));
    }
  }
  if (metrics.empty()) {
    reader.error("metrics", "names no metric; leave the key out to mean all of them");
  }
}

void read_detectors(const expr::Value& document, Build& build) {
  const model::DetectorRegistry& registry = build.registries.detectors;
  for (const auto& [name, where] : build.plan.checks.findings) {
    const model::DetectorKind* kind = registry.find(name);
    if (kind != nullptr && kind->settings != nullptr) {
      build.plan.detector_settings[name];
    }
  }
  const expr::Value* detectors = document.find("detector");
  const expr::Table* tables = detectors != nullptr ? detectors->as_table() : nullptr;
  if (tables == nullptr) {
    return;
  }
  for (const expr::Entry& entry : *tables) {
    const model::DetectorKind* kind = registry.find(entry.key);
    if (kind == nullptr) {
      build.diagnostics.error(entry.key_where,
                              unknown_name("detector", entry.key, configurable(registry)));
    } else if (kind->settings == nullptr) {
      build.diagnostics.error(entry.key_where,
                              fmt::format("detector \"{}\" has no settings", kind->name));
    } else if (entry.value.as_table() == nullptr) {
      build.diagnostics.error(
          entry.key_where,
          fmt::format("the settings of a detector are a table: [detector.{}]", kind->name));
    } else {
      read_one(entry, *kind, build);
    }
  }
}

}  // namespace squall::plan
