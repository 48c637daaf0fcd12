// The key table: the description of each table of a plan. The loader, the reference and the JSON
// Schema all read these.
#pragma once

#include "loadgen/expr/key_spec.hpp"

namespace squall::plan {

// All are static and immutable; any thread.
[[nodiscard]] const expr::TableSpec& plan_spec();  // the document itself
[[nodiscard]] const expr::TableSpec& vars_spec();  // has no keys: any name may stand there
[[nodiscard]] const expr::TableSpec& service_spec();
[[nodiscard]] const expr::TableSpec& proxy_spec();
[[nodiscard]] const expr::TableSpec& proxy_tls_spec();
[[nodiscard]] const expr::TableSpec& service_prepare_spec();
[[nodiscard]] const expr::TableSpec& service_limits_spec();
[[nodiscard]] const expr::TableSpec& action_spec();  // beside the keys of its kind
[[nodiscard]] const expr::TableSpec& feeder_spec();
[[nodiscard]] const expr::TableSpec& feeder_sequence_spec();
[[nodiscard]] const expr::TableSpec& target_spec();
[[nodiscard]] const expr::TableSpec& tls_spec();
[[nodiscard]] const expr::TableSpec& auth_spec();  // of a target
[[nodiscard]] const expr::TableSpec& caller_spec();
[[nodiscard]] const expr::TableSpec& load_spec();
[[nodiscard]] const expr::TableSpec& limits_spec();
[[nodiscard]] const expr::TableSpec& scenario_spec();
[[nodiscard]] const expr::TableSpec& arrivals_spec();  // beside the keys of its process
[[nodiscard]] const expr::TableSpec& user_stage_spec();
[[nodiscard]] const expr::TableSpec& step_spec();   // of one request
[[nodiscard]] const expr::TableSpec& group_spec();  // a step that has steps
[[nodiscard]] const expr::TableSpec& retry_spec();
[[nodiscard]] const expr::TableSpec& step_history_spec();
[[nodiscard]] const expr::TableSpec& fault_spec();        // beside the keys of its kind
[[nodiscard]] const expr::TableSpec& proxy_fault_spec();  // the same of one with `proxy`
[[nodiscard]] const expr::TableSpec& skew_spec();
[[nodiscard]] const expr::TableSpec& effects_spec();
[[nodiscard]] const expr::TableSpec& oracle_spec();  // beside the keys of its kind
[[nodiscard]] const expr::TableSpec& history_spec();
[[nodiscard]] const expr::TableSpec& checks_spec();
[[nodiscard]] const expr::TableSpec& recovery_spec();
[[nodiscard]] const expr::TableSpec& baseline_spec();
[[nodiscard]] const expr::TableSpec& detector_spec();  // a table for each detector with settings
[[nodiscard]] const expr::TableSpec& probe_spec();
[[nodiscard]] const expr::TableSpec& idempotency_spec();
[[nodiscard]] const expr::TableSpec& idempotency_change_spec();  // mutate and invalid
[[nodiscard]] const expr::TableSpec& idempotency_consumer_spec();
[[nodiscard]] const expr::TableSpec& idempotency_producer_spec();
[[nodiscard]] const expr::TableSpec& setup_spec();
[[nodiscard]] const expr::TableSpec& teardown_spec();

}  // namespace squall::plan
