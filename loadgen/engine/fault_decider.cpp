#include "loadgen/engine/fault_decider.hpp"

#include "loadgen/base/check.hpp"

namespace squall::engine {

using model::WireScript;

FaultDecider::FaultDecider(const model::Plan& plan) : plan_(plan), by_step_(plan.steps.size()) {
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    for (const std::uint16_t step : plan.faults[i].selection.steps) {
      by_step_[step].push_back(static_cast<std::uint16_t>(i));
    }
  }
}

void FaultDecider::decide(const model::Step& step, Duration offset, model::OperationIndex operation,
                          std::uint32_t attempt, std::vector<model::FaultCounts>& counts,
                          AttemptFaults& out) const {
  out.script = WireScript{};
  for (const std::uint16_t fault : by_step_[step.index]) {
    const model::FaultSelection& selection = plan_.faults[fault].selection;
    const bool in_scope = attempt == 0 || selection.attempts == model::AttemptScope::kAll;
    if (!in_scope || !selection.in_window(offset)) {
      continue;
    }
    ++counts[fault].eligible;
    if (selection.chooses(step.index, offset, operation, attempt) &&
        out.script.fault_count < WireScript::kMaxFaults) {
      ++counts[fault].planned;
      apply(fault, offset, operation, attempt, out);
    }
  }
}

void FaultDecider::apply(std::uint16_t fault, Duration offset, model::OperationIndex operation,
                         std::uint32_t attempt, AttemptFaults& out) const {
  const model::PlannedFault& planned = plan_.faults[fault];
  const WireScript before = out.script;
  const auto& window = planned.selection.window;
  const model::FaultContext context{offset, window ? offset - window->from : offset};
  model::FaultDraw draw(planned.selection.stream, operation.mixed(), attempt);
  WireScript& script = out.script;
  // Contradictory plans were refused when the plan was loaded.
  SQUALL_CHECK(planned.fault->apply(script, context, draw).has_value());
  out.parts[script.fault_count] = {
      .fault = fault,
      .holds = script.hold != before.hold,
      .cuts = script.cut.has_value() && !before.cut.has_value(),
      .copies = script.copies.count != before.copies.count,
      .moves_clock =
          script.wall_offset != before.wall_offset || script.wall_frozen != before.wall_frozen,
      .trickles = script.trickle.has_value() && !before.trickle.has_value(),
      .reads_slowly = script.slow_read.has_value() && !before.slow_read.has_value(),
      .malforms = script.malformed.has_value() && !before.malformed.has_value(),
      .reorders = script.reorder.has_value() && !before.reorder.has_value(),
  };
  script.faults[script.fault_count++] = fault;
}

}  // namespace squall::engine
