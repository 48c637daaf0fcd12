// A failure of the catalogue, rehearsed with the defect and with the remedy, side by side.
#pragma once

#include <string>

#include "loadgen/app/catalogue_rows.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/model/verdict.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::app {

// As typed. A value.
struct CatalogueRunOptions {
  std::string id;
  PlanOptions plan;  // without a file: what is changed on both sides
  bool quiet = false;
  bool no_color = false;
};

// Runs both sides, prints a comparison, leaves plan and results below squall-runs. kPass when the
// defect was found by its name and the remedy passed; kCheckFailed when not; kUsage when the
// changes do not fit the plan. REQUIRES: the row has a plan.
[[nodiscard]] model::ExitCode run_catalogue_row(const CatalogueRow& row,
                                                const CatalogueRunOptions& options,
                                                const run::StopSignal& stop);

}  // namespace squall::app
