#include "reports/formats/common/phases.hpp"

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/recovery.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

using model::Phase;
using model::RunRecord;

constexpr std::array kPhases = {Phase::kBaseline, Phase::kFault, Phase::kRecovery};

std::uint64_t errors_of(const model::OperationCounts& counts) {
  return counts.total() -
         counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
}

bool has_more_errors(const model::OperationCounts& counts, const model::OperationCounts& baseline) {
  const auto share = [](const model::OperationCounts& of) {
    return of.total() == 0 ? 0.0
                           : static_cast<double>(errors_of(of)) / static_cast<double>(of.total());
  };
  return share(counts) > share(baseline);
}

std::string recovery_text(const model::Recovery& recovery) {
  if (recovery.state != model::RecoveryState::kRecovered) {
    return std::string(model::to_string(recovery.state));
  }
  return recovery.time == Duration::zero() ? "at once" : "after " + format_duration(recovery.time);
}

}  // namespace

std::vector<PhaseRow> phase_rows(const RunRecord& record) {
  std::vector<PhaseRow> rows;
  for (std::size_t step = 0; record.phase_bounds.split && step < record.steps.size(); ++step) {
    PhaseRow row;
    row.step = record.steps[step].name;
    std::uint64_t operations = 0;
    model::OperationCounts baseline;
    for (std::size_t i = 0; i < kPhases.size(); ++i) {
      const model::CellFilter filter{.step = row.step, .exposure = {}, .phase = kPhases.at(i)};
      const model::OperationCounts counts = model::count_operations(record, filter);
      baseline = i == 0 ? counts : baseline;
      operations += counts.total();
      row.phases.at(i) = {.operations = std::to_string(counts.total()),
                          .errors = share_text(errors_of(counts), counts.total()),
                          .p99 = percentile_text(model::response_of_operations(record, filter), 99),
                          .worse = i > 0 && has_more_errors(counts, baseline)};
    }
    row.recovered = recovery_text(model::recovery_of(record, row.step));
    if (operations > 0) {
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string phases_line(const RunRecord& record) {
  const model::PhaseBounds& bounds = record.phase_bounds;
  if (!bounds.split) {
    return {};
  }
  const auto length = [&](Phase phase) {
    return format_duration(bounds.length_of(phase, record.measured_duration));
  };
  std::string text = bounds.fault_from > Duration::zero()
                         ? fmt::format("baseline {}", length(Phase::kBaseline))
                         : "no baseline: something goes wrong from the first second on";
  text += fmt::format(", fault {}", length(Phase::kFault));
  text += bounds.length_of(Phase::kRecovery, record.measured_duration) > Duration::zero()
              ? fmt::format(", recovery {}", length(Phase::kRecovery))
              : ", no recovery: the fault lasted to the end";
  const model::Recovery recovery = model::recovery_of(record);
  if (recovery.state == model::RecoveryState::kRecovered) {
    text += recovery.time == Duration::zero() ? std::string("; as before from the fault's end on")
                                              : fmt::format("; as before {} after the fault's end",
                                                            format_duration(recovery.time));
  } else if (recovery.state == model::RecoveryState::kNever) {
    text += fmt::format("; never as before: {}, {}", recovery.held_up_by, recovery.detail);
  }
  return text;
}

}  // namespace squall::reports
