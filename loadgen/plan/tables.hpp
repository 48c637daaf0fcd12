// Readers of a plan's tables: each fills its part of Build::plan and reports every problem at its
// position.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// One thread, in this order: later ones refer to what earlier ones read. `table` is the value of
// the key; lists are handed over as a whole.
void read_load(const expr::Value& table, Build& build);
void read_limits(const expr::Value& table, Build& build);
void read_proxies(const std::vector<const expr::Value*>& tables, Build& build);
void read_services(const std::vector<const expr::Value*>& tables, Build& build);
void read_actions(const std::vector<const expr::Value*>& tables, Build& build);
void read_feeders(const std::vector<const expr::Value*>& tables, Build& build);
void read_targets(const std::vector<const expr::Value*>& tables, Build& build);
// How the `ready` requests of services speak TLS, which targets say.
void settle_ready_tls(Build& build);
void read_callers(const std::vector<const expr::Value*>& tables, Build& build);
void read_scenarios(const std::vector<const expr::Value*>& tables, Build& build);
void read_faults(const std::vector<const expr::Value*>& tables, Build& build);
// A [[fault]] with `proxy`; part of read_faults.
void read_proxy_fault(const expr::Value& table, NameSet& names, Build& build);
void read_skew(const expr::Value& table, Build& build);
void read_effects(const expr::Value& table, Build& build);
void read_history(const std::vector<const expr::Value*>& tables, Build& build);
void read_checks(const expr::Value& table, Build& build);
void read_recovery(const expr::Value& table, Build& build);
void read_baseline(const expr::Value& table, Build& build);
// The `detector` of the document; also for the detectors that `findings` names.
void read_detectors(const expr::Value& document, Build& build);
void read_probes(const std::vector<const expr::Value*>& tables, Build& build);
void read_idempotency(const expr::Value& table, Build& build);
void read_setup(const std::vector<const expr::Value*>& tables, Build& build);
void read_teardown(const std::vector<const expr::Value*>& tables, Build& build);

// The `tls` of a target; part of read_targets.
[[nodiscard]] model::TlsSettings read_tls(const expr::Value& table, Build& build);

// The variables of a command that runs before or beside the load: values without run-time names.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> read_environment(
    expr::TableReader& reader, std::string_view key);

// Where a step belongs.
struct StepParent {
  model::Scenario& scenario;  // gets the step's index and the names it extracts
  NameSet& step_names;
  std::uint16_t target;                   // unless the step names its own
  std::uint32_t visits;                   // of the step in one iteration, at most
  const std::vector<std::string>& names;  // extracted before it, by slot
};

// One step; its index in the plan. Part of read_scenarios. `reader` reads `table` as step_spec()
// describes it.
std::uint16_t read_step(const expr::Value& table, expr::TableReader& reader,
                        const StepParent& parent, Build& build);

}  // namespace squall::plan
