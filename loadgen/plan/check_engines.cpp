// What a fault asks of the engine of the targets that it touches.
#include "loadgen/plan/cross_checks.hpp"

#include <fmt/core.h>

#include "loadgen/model/engine_abilities.hpp"

namespace squall::plan {
namespace {

// What a fault does can depend on what it draws.
constexpr std::uint64_t kDraws = 16;

// Why the engine cannot do to the step what the fault decides; empty when it can.
std::string why_not(const model::PlannedFault& fault, model::EngineKind engine,
                    const model::Step& step) {
  const auto body = step.request.body ? model::RequestBody::kSome : model::RequestBody::kNone;
  for (std::uint64_t arrival = 0; arrival < kDraws; ++arrival) {
    model::WireScript script;
    model::FaultDraw draw(fault.selection.stream, arrival, 0);
    if (fault.fault->apply(script, {}, draw)) {
      if (std::string why = model::why_not_on(engine, script, body); !why.empty()) {
        return why;
      }
    }
  }
  return {};
}

void check_fault(const model::PlannedFault& fault, const FaultPlaces& places, Build& build) {
  for (const std::uint16_t index : fault.selection.steps) {
    const model::Step& step = build.plan.steps[index];
    if (step.target >= build.plan.targets.size()) {
      continue;  // an unknown target, which is reported already
    }
    const model::Target& target = build.plan.targets[step.target];
    if (const std::string why = why_not(fault, target.engine, step); !why.empty()) {
      build.diagnostics.error(
          places.kind,
          fmt::format("fault \"{}\" cannot touch {}: its target \"{}\" runs on the {} engine ({}), "
                      "and {}; write engine = \"native\" for the target, or name other steps in "
                      "`on`",
                      fault.name, step.full_name, target.name, to_string(target.engine),
                      target.engine_why, why));
      return;
    }
  }
}

}  // namespace

void check_engines(Build& build) {
  for (std::size_t i = 0; i < build.plan.faults.size(); ++i) {
    check_fault(build.plan.faults[i], build.fault_places[i], build);
  }
}

}  // namespace squall::plan
