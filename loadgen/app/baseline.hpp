// The accepted run that a run is compared with: `[baseline]` and `--baseline`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "loadgen/app/run_session.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/model/comparison.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

// What the command line says of it. A value.
struct BaselineOptions {
  std::string directory;  // empty: the plan's
  bool update = false;    // replace it by this run, without comparing, when the run passes
};

// A value.
struct Baseline {
  std::string directory;
  std::shared_ptr<const model::RunRecord> record;  // null: the run that passes becomes it
  model::ComparisonSettings settings;
};

// Looks before anything is sent: reads the record and holds it against the plan. Nothing when
// neither the plan nor the command line names a directory. kInvalidArgument when there is nothing
// to update, the record is not one of this plan and load, or the place is no directory; else what
// reading it says.
[[nodiscard]] Result<std::optional<Baseline>> open_baseline(const model::Plan& plan,
                                                            const BaselineOptions& options);

// Fills record.comparison, when there is a baseline to compare with.
void compare_with(const Baseline& baseline, const std::string& directory, model::RunRecord& record);

// Stores the record of a run that passed as the baseline, when there was none or it is replaced:
// what was done, in a sentence; empty when nothing was to do. kIo with the path in the message.
[[nodiscard]] Result<std::string> keep_as_baseline(const Baseline& baseline,
                                                   const model::RunRecord& record);

// run_session() with what `baseline` asks for; null: nothing.
[[nodiscard]] SessionResult run_compared_session(const std::shared_ptr<const model::Plan>& plan,
                                                 const SessionOptions& options,
                                                 const Baseline* baseline,
                                                 model::ProgressView& view,
                                                 const run::StopSignal& stop);

}  // namespace squall::app
