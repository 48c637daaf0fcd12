// What faults make of requests, held against the steps that they touch. It looks at wire scripts
// only, so it knows no fault by name.
#include "loadgen/plan/cross_checks.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/generated_bytes.hpp"
#include "loadgen/expr/json_place.hpp"
#include "loadgen/model/history_plan.hpp"

namespace squall::plan {
namespace {

using model::CopySpacing;
using model::Malformation;
using model::PlannedFault;
using model::Step;

// The body as a request without any values would have it: its shape is right all the same.
std::string sample_body(const Step& step) {
  std::string body;
  if (step.request.body) {
    std::vector<expr::GeneratedRange> generated;
    step.request.body->render({.generated = &generated}, body);
  }
  return body;
}

// What is wrong with the step for this fault; empty when nothing is.
std::string change_problem(const model::BodyChange& change, const Step& step) {
  if (!step.request.json) {
    return fmt::format("changes a value of the JSON body of its copies, but {} has no `json`",
                       step.full_name);
  }
  if (!expr::find_json(sample_body(step), change.pointer)) {
    return fmt::format("changes {} in the body of its copies, but the body of {} has nothing there",
                       printable(change.pointer), step.full_name);
  }
  return {};
}

std::string malformed_problem(const model::WireMalformed& malformed, const Step& step) {
  const std::uint64_t generated = step.request.body ? step.request.body->generated_bytes() : 0;
  if (is_in_body(malformed.what) && generated > expr::kMostGeneratedInMemory) {
    return fmt::format(
        "spoils the body of a request ({}), which must be in memory for it: {} "
        "generates {}, and at most {} are held",
        to_string(malformed.what), step.full_name, format_bytes(ByteCount{generated}),
        format_bytes(ByteCount{expr::kMostGeneratedInMemory}));
  }
  const bool needs_body = is_in_body(malformed.what) && malformed.what != Malformation::kBadChunk;
  if (needs_body && sample_body(step).empty()) {
    return fmt::format("spoils the body of a request ({}), but {} has none",
                       to_string(malformed.what), step.full_name);
  }
  if (malformed.what == Malformation::kTruncatedJson && !step.request.json) {
    return fmt::format("cuts a JSON body in two, but {} has no `json`", step.full_name);
  }
  if (malformed.what == Malformation::kWrongLength && malformed.amount < 0 &&
      sample_body(step).empty()) {
    return fmt::format("makes the body's length smaller, but {} has no body", step.full_name);
  }
  return {};
}

std::string replica_problem(const model::Plan& plan, const Step& step) {
  const bool alone =
      step.target < plan.targets.size() && plan.targets[step.target].replicas.size() < 2;
  return alone ? fmt::format(
                     "sends copies to another replica, but target \"{}\" of {} has one URL "
                     "only",
                     plan.targets[step.target].name, step.full_name)
               : std::string();
}

std::string step_problem(const model::WireScript& script, const model::Plan& plan,
                         const Step& step) {
  std::string problem;
  if (script.copies.other_replica) {
    problem = replica_problem(plan, step);
  }
  if (problem.empty() && script.copies.change != nullptr) {
    problem = change_problem(*script.copies.change, step);
  }
  if (problem.empty() && script.copies.change != nullptr && step.history != nullptr &&
      step.history->op != model::HistoryOp::kRead) {
    problem = fmt::format(
        "changes the body of its copies, but the history of {} says of all that they carry the "
        "same value",
        step.full_name);
  }
  if (problem.empty() && script.malformed) {
    problem = malformed_problem(*script.malformed, step);
  }
  return problem;
}

// When the last copy leaves against the end of the drain.
void check_late(const PlannedFault& fault, const model::WireCopies& copies,
                const FaultPlaces& places, Build& build) {
  const model::Load& load = build.plan.load;
  const auto& window = fault.selection.window;
  const Duration last = copies.delay * (copies.count - 1);
  const Duration end = load.duration + load.drain;
  const Duration earliest = window ? window->from : -load.warmup;
  const Duration latest = window ? std::min(window->to, load.duration) : load.duration;
  if (earliest + last > end) {
    build.diagnostics.warning(
        places.kind, fmt::format("fault \"{}\" sends its last copy {} after the first, when the "
                                 "drain of every attempt has ended (load {}, drain {}): it will "
                                 "always be preempted; raise load.drain",
                                 fault.name, format_duration(last), format_duration(load.duration),
                                 format_duration(load.drain)));
  } else if (latest + last > end) {
    build.diagnostics.warning(
        places.kind,
        fmt::format("fault \"{}\" sends its last copy {} after the first: for attempts that start "
                    "after {} the drain ends before that, and the fault is preempted; raise "
                    "load.drain or end its window there",
                    fault.name, format_duration(last),
                    format_duration(std::max(end - last, Duration::zero()))));
  }
}

// Who holds every request back lets none pass.
void check_reorder(const PlannedFault& fault, const FaultPlaces& places, Build& build) {
  const model::FaultSelection& selection = fault.selection;
  if (selection.share.fraction >= 1 && selection.every_nth <= 1 && selection.first_n == 0) {
    build.diagnostics.error(
        places.kind, fmt::format("fault \"{}\" holds back every request, so none is left that "
                                 "could pass it: give it a share, such as share = \"5%\"",
                                 fault.name));
  }
}

}  // namespace

void check_fault_scripts(Build& build) {
  for (std::size_t i = 0; i < build.plan.faults.size(); ++i) {
    const PlannedFault& fault = build.plan.faults[i];
    const FaultPlaces& places = build.fault_places[i];
    model::WireScript script;
    model::FaultDraw draw(fault.selection.stream, 0, 0);
    if (!fault.fault->apply(script, {}, draw)) {
      continue;  // its own keys are wrong, which is reported already
    }
    for (const std::uint16_t index : fault.selection.steps) {
      const std::string problem = step_problem(script, build.plan, build.plan.steps[index]);
      if (!problem.empty()) {
        build.diagnostics.error(places.kind, fmt::format("fault \"{}\" {}", fault.name, problem));
      }
    }
    if (script.copies.spacing == CopySpacing::kLate) {
      check_late(fault, script.copies, places, build);
    }
    if (script.reorder) {
      check_reorder(fault, places, build);
    }
  }
}

}  // namespace squall::plan
