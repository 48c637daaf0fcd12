// Readers of a plan's tables: each fills its part of Build::plan and reports every problem at its
// position.
#pragma once

#include "loadgen/expr/value.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// One thread, in this order: later ones refer to what earlier ones read. `table` is the value of
// the key; lists are handed over as a whole.
void read_load(const expr::Value& table, Build& build);
void read_limits(const expr::Value& table, Build& build);
void read_services(const std::vector<const expr::Value*>& tables, Build& build);
void read_feeders(const std::vector<const expr::Value*>& tables, Build& build);
void read_targets(const std::vector<const expr::Value*>& tables, Build& build);
// How the `ready` requests of services speak TLS, which targets say.
void settle_ready_tls(Build& build);
void read_scenarios(const std::vector<const expr::Value*>& tables, Build& build);
void read_faults(const std::vector<const expr::Value*>& tables, Build& build);
void read_effects(const expr::Value& table, Build& build);
void read_checks(const expr::Value& table, Build& build);
void read_setup(const std::vector<const expr::Value*>& tables, Build& build);
void read_teardown(const std::vector<const expr::Value*>& tables, Build& build);

// The `tls` of a target; part of read_targets.
[[nodiscard]] model::TlsSettings read_tls(const expr::Value& table, Build& build);

// Where a step belongs.
struct StepParent {
  model::Scenario& scenario;  // gets the step's index and the names it extracts
  NameSet& step_names;
  std::uint16_t target;  // unless the step names its own
};

// One step; part of read_scenarios.
void read_step(const expr::Value& table, StepParent parent, Build& build);

}  // namespace squall::plan
