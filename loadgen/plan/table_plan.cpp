// The document itself and [vars].
#include "loadgen/plan/catalogue_page.hpp"
#include "loadgen/plan/key_tables.hpp"

namespace squall::plan {

using expr::ValueType;

const expr::TableSpec& vars_spec() {
  static const expr::TableSpec spec{
      .name = "vars",
      .help =
          "Values that the plan uses as `{{var.NAME}}`, for `--set vars.NAME=VALUE`. Any name; "
          "strings, numbers or booleans. One may use those above it and `${env:NAME}`.",
      .keys = {}};
  return spec;
}

// NOLINTNEXTLINE(readability-function-size): a table
const expr::TableSpec& plan_spec() {
  static const expr::TableSpec spec{
      .name = "",
      .help =
          "A plan is one TOML file. Keys that are not listed here are errors. Quantities are "
          "strings with units. Strings may use `{{var.NAME}}`, `{{port.SERVICE}}`, "
          "`{{proxy.NAME}}`, "
          "`{{run}}` and "
          "`${env:NAME}` anywhere; the value of an environment variable is a secret, which squall "
          "prints nowhere. In requests there are also `{{key}}`, `{{seq}}`, `{{now}}`, functions "
          "(see Templates) and what "
          "earlier steps extracted.",
      .keys = {
          {.name = "format",
           .type = ValueType::kInteger,
           .help = "Version of this language; this squall reads 1.",
           .required = true,
           .example = "1"},
          {.name = "name",
           .type = ValueType::kString,
           .help = "Of the plan, for reports and the directory of a run.",
           .required = true,
           .example = "\"checkout\""},
          {.name = "seed",
           .type = ValueType::kInteger,
           .help =
               "Of every random decision; a fresh one for each run unless given, and then printed.",
           .example = "7"},
          {.name = "preflight",
           .type = ValueType::kBoolean,
           .help = "Whether each scenario is tried once, without faults, before any load; when "
                   "that fails nothing "
                   "more is sent.",
           .default_value = "true"},
          {.name = "allow",
           .type = ValueType::kStringList,
           .help =
               "Hosts that squall may send to beside loopback and the targets, with or without a "
               "port.",
           .example = "[\"ledger.example:8443\"]"},
          {.name = "max_rate",
           .type = ValueType::kRate,
           .help = "A guard against a rate that was not meant: the most operations a second, all "
                   "scenarios together, as soon as a target is not loopback. A plan whose arrivals "
                   "ask for more is not run; users that come to more in one second end the run, as "
                   "`abort_when` does. Written out, without `{{var.NAME}}`; `--set` may add or "
                   "lower it, and `squall find` goes no higher. Faults' copies and retries come "
                   "on top.",
           .example = "\"500/s\""},
          {.name = "vars",
           .type = ValueType::kTable,
           .help = "Values for `{{var.NAME}}`.",
           .table = &vars_spec(),
           .example = "{ rate = \"200/s\" }"},
          {.name = "service",
           .type = ValueType::kTableList,
           .help = "Processes that squall starts.",
           .table = &service_spec()},
          {.name = "proxy",
           .type = ValueType::kTableList,
           .help = "Fault proxies in front of services.",
           .table = &proxy_spec()},
          {.name = "feeder",
           .type = ValueType::kTableList,
           .help = "Rows of data for requests.",
           .table = &feeder_spec()},
          {.name = "target",
           .type = ValueType::kTableList,
           .help = "Addresses under load.",
           .required = true,
           .table = &target_spec()},
          {.name = "caller",
           .type = ValueType::kTableList,
           .help = "Identities with credentials of their own.",
           .table = &caller_spec()},
          {.name = "load",
           .type = ValueType::kTable,
           .help = "Duration and means of the load. A plan needs it, unless it has [idempotency] "
                   "and no [[scenario]].",
           .table = &load_spec()},
          {.name = "limits",
           .type = ValueType::kTable,
           .help = "When a measurement is invalid.",
           .table = &limits_spec()},
          {.name = "scenario",
           .type = ValueType::kTableList,
           .help = "Workloads. A plan needs one, unless it has [idempotency] and no [load].",
           .table = &scenario_spec()},
          {.name = "fault",
           .type = ValueType::kTableList,
           .help = "What goes wrong on purpose.",
           .table = &fault_spec()},
          {.name = "skew",
           .type = ValueType::kTable,
           .help = "A sweep before the load: how old, or how far ahead, a request may be.",
           .table = &skew_spec()},
          {.name = "action",
           .type = ValueType::kTableList,
           .help = "What is done to services while the load runs.",
           .table = &action_spec()},
          {.name = "effects",
           .type = ValueType::kTable,
           .help = "How effects are counted.",
           .table = &effects_spec()},
          {.name = "idempotency",
           .type = ValueType::kTable,
           .help = "What `squall idempotency` verifies.",
           .table = &idempotency_spec()},
          {.name = "history",
           .type = ValueType::kTableList,
           .help = "Consistency models that the history has to keep.",
           .table = &history_spec()},
          {.name = "checks",
           .type = ValueType::kTable,
           .help = "What makes the run pass.",
           .table = &checks_spec()},
          {.name = "recovery",
           .type = ValueType::kTable,
           .help = "What counts as recovered.",
           .table = &recovery_spec()},
          {.name = "baseline",
           .type = ValueType::kTable,
           .help = "The accepted run that later ones are compared with.",
           .table = &baseline_spec()},
          {.name = "detector",
           .type = ValueType::kTable,
           .help = "Settings of detectors.",
           .table = &detector_spec()},
          {.name = "probe",
           .type = ValueType::kTableList,
           .help = "Requests that watch the target beside the load.",
           .table = &probe_spec()},
          {.name = "setup",
           .type = ValueType::kTableList,
           .help = "Requests before any load.",
           .table = &setup_spec()},
          {.name = "teardown",
           .type = ValueType::kTableList,
           .help = "Requests after everything.",
           .table = &teardown_spec()},
          {.name = "catalogue",
           .type = ValueType::kTable,
           .help = "What `squall catalogue` says about the failure that the plan rehearses.",
           .table = &catalogue_spec()},
      }};
  return spec;
}

}  // namespace squall::plan
