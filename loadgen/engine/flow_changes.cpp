// The part of FlowRunner for faults that are not the engine's: requests held back or changed, and
// flows that go on while copies of theirs are still to come.
#include <algorithm>

#include "loadgen/engine/flow_runner.hpp"
#include "loadgen/engine/request_changes.hpp"

namespace squall::engine {

// At the end of the load it goes in any case: no arrival follows that could pass it.
void FlowRunner::hold_back(Operation& operation, TimePoint now) {
  const model::WireReorder& reorder = *operation.faults.script.reorder;
  const TimePoint load_end = std::max(now, zero_ + plan_.load.duration);
  holds_.hold({.step = operation.step->index,
               .arrival = operation.iteration->arrival,
               .slot = operation.slot,
               .wanted = reorder.passed_by,
               .until = std::min(now + reorder.wait, load_end),
               .load_ends = load_end < now + reorder.wait});
}

void FlowRunner::release_held(TimePoint now) {
  while (const auto held = holds_.take_ready(now)) {
    Operation& operation = operations_.at(held->slot);
    operation.passed = held->passed;
    operation.hold_cut_short = held->load_ends && held->passed == 0;
    // Its readiness is the end of the hold, so that the hold is not counted as the generator's lag.
    launch(operation, held->passed >= held->wanted ? now : held->until, now);
  }
}

void FlowRunner::give_up_held(TimePoint now) {
  while (const auto held = holds_.take_any()) {
    Operation& operation = operations_.at(held->slot);
    operation.passed = 0;  // it never left, so nothing was sent before it
    operation.hold_cut_short = true;
    drop_attempt(operation, model::AttemptClass::kDropped,
                 "held back by a fault until the drain ended", now);
  }
}

// The bytes of a copy whose script may want others than those that were rendered.
void FlowRunner::set_request(const Operation& operation, Exchange& exchange) {
  const model::WireScript& script = operation.faults.script;
  const model::WireCopies& copies = script.copies;
  RenderedRequest request = operation.rendered;
  const bool malformed = script.malformed && script.malformed->applies(exchange.copy);
  // Whoever spoils the body needs all of it.
  const bool whole = malformed && is_in_body(script.malformed->what) && !request.generated.empty();
  if ((exchange.copy > 0 && copies.other_replica) || whole) {
    request = builder_of(operation, exchange.copy)
                  .render(context_of(operation, operation.rendered_at), replica_buffer_,
                          whole ? nullptr : &replica_generated_);
  }
  const std::size_t head_before = request.head_bytes;
  if (exchange.copy > 0 && copies.change != nullptr) {
    const RenderedRequest changed = change_body(request, *copies.change, change_buffer_).request;
    exchange.change_missed = changed.bytes.empty();
    request = exchange.change_missed ? request : changed;
  }
  if (malformed) {
    const ChangedRequest changed = malform(request, *script.malformed, exchange.own_request);
    request.bytes = changed.request.bytes;
    request.head_bytes = changed.request.head_bytes;
    exchange.malformed = true;
    exchange.malformed_at = changed.shows_at;
  } else if (request.bytes.data() != operation.rendered.bytes.data()) {
    exchange.own_request.assign(request.bytes);
    request.bytes = exchange.own_request;
  }
  exchange.request = request.bytes;
  exchange.head_bytes = request.head_bytes;
  exchange.own_generated.assign(request.generated.begin(), request.generated.end());
  for (expr::GeneratedRange& range : exchange.own_generated) {
    range.at = range.at - head_before + request.head_bytes;
  }
  exchange.generated = exchange.own_generated;
  exchange.generated_bytes = request.generated_bytes;
}

// Late copies may be minutes away. The operation stays open for them, and its sequence goes on in
// another one.
void FlowRunner::move_on_early(Operation& operation, TimePoint now) {
  if (abandoning_ || operation.moved_on || operation.success_end == TimePoint{}) {
    return;
  }
  operation.moved_on = true;
  ++operation.iteration->late;
  operation.iteration->end = std::max(operation.iteration->end, operation.last_end);
  move_on(operation, model::OperationOutcome::kAcked, operation.success_end, now);
  Operation& rest = operations_.acquire();
  rest.iteration = operation.iteration;
  rest.walk = operation.walk;
  ready_.push_back(&rest);
}

void FlowRunner::end_late(Operation& operation) {
  Iteration& iteration = *operation.iteration;
  operations_.release(operation);
  --iteration.late;
  if (iteration.ended) {
    end_iteration(iteration);
  }
}

}  // namespace squall::engine
