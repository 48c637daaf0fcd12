// The part of FlowRunner that sends: operations begin, their attempts are rendered and given to the
// engine.
#include <algorithm>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/hash.hpp"
#include "loadgen/engine/flow_runner.hpp"

namespace squall::engine {

using model::CopySpacing;

std::uint16_t FlowRunner::replica_of(const Operation& operation, std::uint32_t copy) const {
  // Each caller goes round the replicas.
  const Iteration& iteration = *operation.iteration;
  const std::size_t callers = std::max<std::size_t>(iteration.scenario->callers.size(), 1);
  const std::size_t replicas = plan_.targets[operation.step->target].replicas.size();
  const bool other = copy > 0 && operation.faults.script.copies.other_replica && replicas > 1;
  const std::size_t away = other ? 1 + (copy - 1) % (replicas - 1) : 0;
  return static_cast<std::uint16_t>((iteration.arrival / callers + away) % replicas);
}

const RequestBuilder& FlowRunner::builder_of(const Operation& operation, std::uint32_t copy) const {
  const std::size_t replicas = plan_.targets[operation.step->target].replicas.size();
  const std::size_t caller = operation.step->caller ? 0 : operation.iteration->caller;
  return tools_[operation.step->index].builders[caller * replicas + replica_of(operation, copy)];
}

expr::RenderContext FlowRunner::context_of(const Operation& operation, WallTime now) const {
  return {.key = operation.key_view(),
          .sequence = operation.iteration->arrival,
          .index = operation.pass(),
          .run_id = plan_.run_id,
          .caller = caller_name(operation),
          .now = now,
          .extracted = operation.iteration->extracted,
          .chance = tools_[operation.step->index].templates.bits_at(operation.iteration->arrival,
                                                                    operation.visit)};
}

// REQUIRES: step and visit are set.
void FlowRunner::start_operation(Operation& operation, TimePoint intended, TimePoint ready) {
  operation.intended = intended;
  operation.ready = ready;
  operation.exposure = model::Exposure::kClean;
  operation.fold = {};
  operation.success_end = {};
  operation.last_end = {};
  operation.decided_by = model::AttemptClass::kDropped;
  operation.decided_status = 0;
  operation.attempts_started = 0;
  operation.given_up = false;
  operation.moved_on = false;
  operation.attempt = 0;
  operation.attempt_intended = intended;
  operation.attempt_ready = ready;
  if (operation.copies.empty()) {
    operation.copies.push_back(std::make_unique<Exchange>());
  }
  model::write_key(plan_, *operation.step, operation.index(), operation.key);
  operation.effect_key.clear();
  if (operation.step->is_effect) {
    operation.step->effect_key.render(context_of(operation, {}), operation.effect_key);
  }
  if (operation.step->history != nullptr) {
    HistoryRecorder::render(*operation.step->history, context_of(operation, {}), operation.history);
  }
  tools_of(operation).budget.first_attempt();
}

void FlowRunner::start_attempt(Operation& operation, TimePoint now) {
  const Duration offset = after_zero(operation.intended);
  decider_.decide(*operation.step, offset, operation.index(), operation.attempt, recorder_.faults(),
                  operation.faults);
  if (!operation.faults.script.plain()) {
    operation.exposure = model::Exposure::kFaulted;
  }
  render(operation);
  if (!operation.iteration->began) {
    operation.iteration->began = true;
    add_to_digest(operation, offset);
  }
  const model::WireCopies& copies = operation.faults.script.copies;
  operation.given_up = false;
  while (operation.copies.size() < copies.count) {
    operation.copies.push_back(std::make_unique<Exchange>());
  }
  for (unsigned copy = 1; copy < copies.count; ++copy) {
    *operation.copies[copy] = Exchange{};
  }
  operation.passed = 0;
  operation.hold_cut_short = false;
  if (!operation.rendered.sound) {
    refuse(operation, now);
    return;
  }
  if (operation.faults.script.reorder) {
    hold_back(operation, now);
  } else {
    launch(operation, operation.attempt_ready, now);
  }
}

void FlowRunner::launch(Operation& operation, TimePoint ready, TimePoint now) {
  const model::WireCopies& copies = operation.faults.script.copies;
  operation.barrier = {.expected = copies.spacing == CopySpacing::kTogether ? copies.count : 0};
  operation.copies_open = 0;
  operation.copies_pending = copies.count;
  submit_copy(operation, 0, ready, now);
  schedule_copies(operation, now);
}

void FlowRunner::refuse(Operation& operation, TimePoint now) {
  Exchange& exchange = *operation.copies[0];
  exchange = Exchange{};
  exchange.how = model::AttemptClass::kRefused;
  exchange.owner = operation.slot;
  exchange.attempt = operation.attempt;
  exchange.ready = operation.attempt_ready;
  exchange.taken_up = now;
  exchange.end = now;
  exchange.detail = kUnsoundRequest;
  operation.copies_pending = 0;
  operation.copies_open = 1;
  ++operation.attempts_started;
  finish_copy(exchange, now);
}

void FlowRunner::schedule_copies(Operation& operation, TimePoint now) {
  const model::WireCopies& copies = operation.faults.script.copies;
  for (std::uint32_t copy = 1; copy < copies.count; ++copy) {
    switch (copies.spacing) {
      case CopySpacing::kTogether:
        submit_copy(operation, copy, operation.copies[0]->ready, now);
        break;
      case CopySpacing::kDelayed:
      case CopySpacing::kLate:
        timers_.push({now + copies.delay * copy, operation.slot, TimerKind::kCopy, copy});
        break;
      case CopySpacing::kAfterResponse:
        return;  // finish_copy starts each when the one before it is back
    }
  }
}

void FlowRunner::render(Operation& operation) {
  const RequestBuilder& builder = builder_of(operation);
  const model::WireScript& script = operation.faults.script;
  WallTime now{};
  if (builder.reads_clock()) {
    now = (script.wall_frozen ? wall_zero_ : wall_clock_now()) + script.wall_offset;
  }
  operation.rendered_at = now;
  operation.rendered =
      builder.render(context_of(operation, now), operation.buffer, &operation.generated);
}

void FlowRunner::add_to_digest(const Operation& operation, Duration offset) {
  if (closed_[operation.iteration->scenario->index] != 0) {
    return;  // when it starts depends on the answers
  }
  const RequestBuilder& builder = builder_of(operation);
  RenderedRequest request = operation.rendered;
  if (builder.is_volatile()) {
    expr::RenderContext context = context_of(operation, WallTime(offset));
    context.extracted = {};
    request = builder.render(context, digest_buffer_, &digest_generated_);
  }
  std::uint64_t hash = hash_combine(operation.step->index, operation.iteration->arrival);
  hash = hash_combine(hash, static_cast<std::uint64_t>(offset.count()));
  hash = hash_bytes(operation.key_view(), hash);
  hash = hash_bytes(request.body(), hash);
  for (const expr::GeneratedRange& range : request.generated) {
    hash = hash_combine(hash_combine(hash, range.at - request.head_bytes), range.bytes);
    hash = hash_combine(hash, range.stream);
  }
  for (const FaultPart& part : operation.faults.decided()) {
    hash = hash_combine(hash, part.fault);
  }
  auto& digest = recorder_.slice().digest;
  digest[0] += hash;
  digest[1] += mix64(hash + 1);
}

void FlowRunner::submit_copy(Operation& operation, std::uint32_t copy, TimePoint ready,
                             TimePoint now) {
  const model::WireScript& script = operation.faults.script;
  Exchange& exchange = *operation.copies[copy];
  std::string body = std::move(exchange.body);  // keeps its capacity
  std::string head = std::move(exchange.head);
  body.clear();
  head.clear();
  std::string own_request = std::move(exchange.own_request);
  exchange = Exchange{};
  exchange.body = std::move(body);
  exchange.head = std::move(head);
  exchange.own_request = std::move(own_request);
  exchange.request = operation.rendered.bytes;
  exchange.head_bytes = operation.rendered.head_bytes;
  exchange.generated = operation.rendered.generated;
  exchange.generated_bytes = operation.rendered.generated_bytes;
  exchange.target = operation.step->target;
  exchange.replica = replica_of(operation, copy);
  exchange.head_only = builder_of(operation).head_only();
  exchange.keep_body = judge_.keeps_body(*operation.step);
  exchange.keep_header = judge_.keeps_header(*operation.step);
  exchange.timeout = operation.step->timeout;
  exchange.once = operation.step->is_effect || operation.step->history != nullptr;
  exchange.user = operation.iteration->user();
  exchange.ready = ready;
  exchange.owner = operation.slot;
  exchange.attempt = operation.attempt;
  exchange.copy = copy;
  if (!script.plain()) {
    set_request(operation, exchange);
    exchange.script = &script;
    exchange.cut_applies = script.cuts(copy);
    // The first copy is the request as it would have been without the fault.
    exchange.connection = copy == 0 ? model::CopyConnection::kAny : script.copies.connection;
    exchange.same_connection_as = copy > 0 ? operation.copies[copy - 1].get() : nullptr;
    exchange.barrier = operation.barrier.expected > 1 ? &operation.barrier : nullptr;
  }
  --operation.copies_pending;
  ++operation.copies_open;
  ++operation.attempts_started;
  const TimePoint due = std::max(operation.attempt_intended, ready);
  recorder_.taken_up(after_zero(due), now - due);
  engine_.submit(exchange, now);
  if (copy == 0 && !holds_.empty()) {
    holds_.submitted(operation.step->index, operation.iteration->arrival, exchange);
  }
}

}  // namespace squall::engine
