// The part of FlowRunner that decides which step is next.
//
// Whoever has something to go on with is put into ready_, and walk_ready() empties it: groups that
// end their children, which end theirs, never call one another.
#include <algorithm>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/hash.hpp"
#include "loadgen/engine/flow_runner.hpp"

namespace squall::engine {

using Kind = model::FlowInstruction::Kind;

void FlowRunner::walk_ready(TimePoint now) {
  while (!ready_.empty()) {
    Operation& operation = *ready_.back();
    ready_.pop_back();
    walk(operation, now);
  }
}

// Goes on until a step has been begun, or children have, or the sequence has ended.
void FlowRunner::walk(Operation& operation, TimePoint now) {
  Walk& walk = operation.walk;
  const model::FlowProgram& program = programs_[operation.iteration->scenario->index];
  while (!abandoning_ && !operation.iteration->stopped) {
    const model::FlowInstruction& instruction = program.code[walk.at];
    ++walk.at;
    switch (instruction.kind) {
      case Kind::kStep:
        begin_step(operation, plan_.steps[instruction.index], now);
        return;
      case Kind::kUnless:
        if (!holds(operation, instruction)) {
          walk.at = instruction.target;
        }
        break;
      case Kind::kLoop:
        begin_loop(operation, instruction);
        break;
      case Kind::kWhile:
        if (!holds(operation, instruction)) {
          --walk.depth;
          walk.at = instruction.target;
        }
        break;
      case Kind::kAgain: {
        Walk::Loop& loop = walk.loops[walk.depth - 1U];
        if (++loop.pass < loop.passes) {
          walk.at = instruction.target;
        } else {
          --walk.depth;
        }
        break;
      }
      case Kind::kPause:
        pause(operation, program.pauses[instruction.index]);
        break;
      case Kind::kParallel:
        begin_group(operation, instruction);
        return;
      case Kind::kEnd:
        end_sequence(operation);
        return;
    }
  }
  end_sequence(operation);
}

bool FlowRunner::holds(const Operation& operation,
                       const model::FlowInstruction& instruction) const {
  const Walk& walk = operation.walk;
  const model::FlowProgram& program = programs_[operation.iteration->scenario->index];
  return program.conditions[instruction.index].holds(
      {.extracted = operation.iteration->extracted,
       .last_status = walk.last_status,
       .last_outcome = walk.has_last ? to_string(walk.last_outcome) : std::string_view(),
       .index = operation.pass()});
}

namespace {

// What is inside loops is begun many times: each time draws anew.
std::uint64_t place_of(const Walk& walk) {
  std::uint64_t place = walk.at;
  for (std::uint8_t i = 0; i < walk.depth; ++i) {
    place = hash_combine(place, walk.loops[i].pass);
  }
  return place;
}

// Nobody thinks before the first step: the arrival process says when it is due.
bool is_first(const Operation& operation) {
  return !operation.iteration->began && operation.walk.parent == nullptr;
}

}  // namespace

void FlowRunner::pause(Operation& operation, const expr::Distribution& pause) {
  if (is_first(operation)) {
    return;
  }
  const Iteration& iteration = *operation.iteration;
  operation.walk.pause += model::drawn_pause(pause, pass_streams_[iteration.scenario->index],
                                             iteration.arrival, place_of(operation.walk));
}

void FlowRunner::begin_loop(Operation& operation, const model::FlowInstruction& instruction) {
  Walk& walk = operation.walk;
  const Iteration& iteration = *operation.iteration;
  const std::uint32_t passes = model::drawn_passes(
      instruction, pass_streams_[iteration.scenario->index], iteration.arrival, place_of(walk));
  if (passes == 0) {
    walk.at = instruction.target;
    return;
  }
  SQUALL_CHECK(walk.depth < walk.loops.size());
  walk.loops[walk.depth++] = {0, passes};
}

void FlowRunner::begin_group(Operation& operation, const model::FlowInstruction& instruction) {
  Walk& walk = operation.walk;
  const model::FlowProgram& program = programs_[operation.iteration->scenario->index];
  walk.at = instruction.target;
  walk.next_child = instruction.index;
  walk.last_child = static_cast<std::uint16_t>(instruction.index + instruction.low);
  const std::uint32_t at_once = std::min(instruction.low, instruction.high);
  walk.children_open = static_cast<std::uint16_t>(at_once);
  const std::size_t first = ready_.size();
  for (std::uint32_t i = 0; i < at_once; ++i) {
    Operation& child = operations_.acquire();
    child.iteration = operation.iteration;
    child.walk = walk;
    child.walk.parent = &operation;
    child.walk.at = program.children[walk.next_child++];
    ready_.push_back(&child);
  }
  walk.pause = {};  // the children have it
  // They are taken from the end: the first child goes first.
  std::reverse(ready_.begin() + static_cast<std::ptrdiff_t>(first), ready_.end());
  // From here on the latest of the children's ends is gathered.
  walk.has_last = false;
}

void FlowRunner::end_sequence(Operation& operation) {
  if (operation.walk.parent != nullptr) {
    end_child(operation);
    return;
  }
  Iteration& iteration = *operation.iteration;
  operations_.release(operation);
  end_iteration(iteration);
}

void FlowRunner::end_child(Operation& child) {
  Operation& parent = *child.walk.parent;
  Walk& group = parent.walk;
  // The step after the group depends on whoever ended last.
  if (child.walk.has_last && (!group.has_last || child.walk.end >= group.end)) {
    group.last_outcome = child.walk.last_outcome;
    group.last_status = child.walk.last_status;
    group.has_last = true;
  }
  group.usual_end = std::max(group.usual_end, child.walk.usual_end);
  group.end = std::max(group.end, child.walk.end);
  group.seen = std::max(group.seen, child.walk.seen);
  const bool goes_on = !abandoning_ && !child.iteration->stopped;
  if (goes_on && group.next_child < group.last_child) {
    // The next child takes the place, and depends on who had it.
    child.walk.at = programs_[child.iteration->scenario->index].children[group.next_child++];
    ready_.push_back(&child);
    return;
  }
  operations_.release(child);
  --group.children_open;
  if (group.children_open == 0) {
    ready_.push_back(&parent);
  }
}

Duration FlowRunner::think_before(const Operation& operation, const model::Step& step,
                                  std::uint32_t visit) const {
  if (is_first(operation)) {
    return {};
  }
  if (step.think.kind == expr::DistributionKind::kConstant) {
    return step.think.center;
  }
  const StreamId stream = tools_[step.index].think;
  const std::uint64_t arrival = operation.iteration->arrival;
  const std::uint64_t draw = std::uint64_t{visit} * 2;
  return step.think.at(stream.unit_at(arrival, draw), stream.unit_at(arrival, draw + 1));
}

void FlowRunner::begin_step(Operation& operation, const model::Step& step, TimePoint now) {
  Iteration& iteration = *operation.iteration;
  Walk& walk = operation.walk;
  operation.step = &step;
  operation.visit = step.visit_slot ? iteration.visits[*step.visit_slot]++ : 0;
  const Duration think =
      think_before(operation, step, operation.visit) + std::exchange(walk.pause, Duration{});
  const TimePoint ready = std::max(walk.seen, walk.end + think);
  start_operation(operation, walk.usual_end + think, ready);
  if (ready > now) {
    timers_.push({ready, operation.slot, TimerKind::kStep, 0});
  } else {
    start_attempt(operation, now);
  }
}

}  // namespace squall::engine
