#include "loadgen/engine/flow_runner.hpp"

#include <algorithm>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/hash.hpp"

namespace squall::engine {
namespace {

using model::CopySpacing;

}  // namespace

FlowRunner::FlowRunner(const Deps& deps)
    : plan_(deps.plan),
      engine_(deps.engine),
      recorder_(deps.recorder),
      zero_(deps.zero),
      wall_zero_(wall_clock_now() + (zero_ - monotonic_now())),
      max_waiting_(deps.max_waiting),
      decider_(deps.plan),
      judge_(deps.plan),
      uncounted_(deps.plan.faults.size()),
      medians_(deps.plan.steps.size()) {
  for (const model::Step& step : plan_.steps) {
    const model::Target& target = plan_.targets[step.target];
    auto& builders = builders_.emplace_back();
    for (const model::Endpoint& endpoint : target.replicas) {
      builders.emplace_back(target, endpoint, step.request);
    }
    budgets_.emplace_back(step.retry.budget);
    backoff_streams_.emplace_back(plan_.seed, step.full_name, "backoff");
  }
}

const RequestBuilder& FlowRunner::builder_of(const Flow& flow) const {
  const auto& builders = builders_[flow.step->index];
  return builders[flow.arrival % builders.size()];
}

expr::RenderContext FlowRunner::context_of(const Flow& flow, WallTime now) const {
  return {.key = flow.key_view(),
          .sequence = flow.arrival,
          .run_id = plan_.run_id,
          .now = now,
          .extracted = flow.extracted};
}

Flow& FlowRunner::open_flow(const Arrival& arrival) {
  Flow& flow = flows_.acquire();
  flow.scenario = &plan_.scenarios[arrival.scenario];
  flow.arrival = arrival.index;
  flow.phase = arrival.offset < Duration::zero() ? model::Phase::kWarmup : model::Phase::kMeasured;
  flow.step_at = 0;
  flow.extracted.resize(flow.scenario->extracted.size());
  for (std::string& value : flow.extracted) {
    value.clear();
  }
  start_operation(flow, zero_ + arrival.offset, zero_ + arrival.offset);
  return flow;
}

void FlowRunner::start_operation(Flow& flow, TimePoint intended, TimePoint ready) {
  flow.step = &plan_.steps[flow.scenario->steps[flow.step_at]];
  flow.intended = intended;
  flow.ready = ready;
  flow.exposure = model::Exposure::kClean;
  flow.fold = {};
  flow.success_end = {};
  flow.last_end = {};
  flow.attempts_started = 0;
  flow.attempt = 0;
  flow.attempt_intended = intended;
  flow.attempt_ready = ready;
  model::write_key(plan_, *flow.step, flow.arrival, flow.key);
  flow.effect_key.clear();
  if (flow.step->is_effect) {
    flow.step->effect_key.render(context_of(flow, {}), flow.effect_key);
  }
  budgets_[flow.step->index].first_attempt();
}

void FlowRunner::begin(const Arrival& arrival, TimePoint now) {
  ++recorder_.counters().started;
  Flow& flow = open_flow(arrival);
  if (engine_.waiting() >= max_waiting_) {
    give_up(flow, "the queue of waiting arrivals was full", now);
    return;
  }
  start_attempt(flow, now);
}

void FlowRunner::drop(const Arrival& arrival, TimePoint now) {
  abandoning_ = true;
  give_up(open_flow(arrival), "never taken up", now);
}

void FlowRunner::give_up(Flow& flow, const char* why, TimePoint now) {
  // The digest is about the plan, so it does not depend on how far the load got.
  const Duration offset = after_zero(flow.intended);
  decider_.decide(*flow.step, offset, flow.arrival, 0, uncounted_, flow.faults);
  render(flow);
  add_to_digest(flow, offset);
  flow.faults = {};
  Exchange& exchange = *flow.copies[0];
  exchange = Exchange{};
  exchange.owner = flow.slot;
  exchange.end = now;
  exchange.detail = why;
  flow.copies_open = 1;
  flow.copies_pending = 0;
  finish_copy(exchange, now);
}

void FlowRunner::start_attempt(Flow& flow, TimePoint now) {
  const Duration offset = after_zero(flow.intended);
  decider_.decide(*flow.step, offset, flow.arrival, flow.attempt, recorder_.faults(), flow.faults);
  if (!flow.faults.script.plain()) {
    flow.exposure = model::Exposure::kFaulted;
  }
  render(flow);
  if (flow.attempt == 0 && flow.step_at == 0) {
    add_to_digest(flow, offset);
  }
  const model::WireCopies& copies = flow.faults.script.copies;
  flow.barrier = {.expected = copies.spacing == CopySpacing::kTogether ? copies.count : 0};
  flow.copies_open = 0;
  flow.copies_pending = copies.count;
  while (flow.copies.size() < copies.count) {
    flow.copies.push_back(std::make_unique<Exchange>());
  }
  for (unsigned copy = 1; copy < copies.count; ++copy) {
    *flow.copies[copy] = Exchange{};
  }
  submit_copy(flow, 0, flow.attempt_ready, now);
  schedule_copies(flow, now);
}

void FlowRunner::schedule_copies(Flow& flow, TimePoint now) {
  const model::WireCopies& copies = flow.faults.script.copies;
  for (std::uint32_t copy = 1; copy < copies.count; ++copy) {
    switch (copies.spacing) {
      case CopySpacing::kTogether:
        submit_copy(flow, copy, flow.attempt_ready, now);
        break;
      case CopySpacing::kDelayed:
        timers_.push({now + copies.delay * copy, flow.slot, TimerKind::kCopy, copy});
        break;
      case CopySpacing::kAfterResponse:
        return;  // finish_copy starts each when the one before it is back
    }
  }
}

void FlowRunner::render(Flow& flow) {
  const RequestBuilder& builder = builder_of(flow);
  const model::WireScript& script = flow.faults.script;
  WallTime now{};
  if (builder.uses_now()) {
    now = (script.wall_frozen ? wall_zero_ : wall_clock_now()) + script.wall_offset;
  }
  flow.rendered = builder.render(context_of(flow, now), flow.buffer);
}

void FlowRunner::add_to_digest(const Flow& flow, Duration offset) {
  const RequestBuilder& builder = builder_of(flow);
  std::string_view body = flow.rendered.body();
  if (builder.is_volatile()) {
    expr::RenderContext context = context_of(flow, WallTime(offset));
    context.extracted = {};
    body = builder.render(context, digest_buffer_).body();
  }
  std::uint64_t hash = hash_combine(flow.step->index, flow.arrival);
  hash = hash_combine(hash, static_cast<std::uint64_t>(offset.count()));
  hash = hash_bytes(flow.key_view(), hash);
  hash = hash_bytes(body, hash);
  for (const FaultPart& part : flow.faults.decided()) {
    hash = hash_combine(hash, part.fault);
  }
  auto& digest = recorder_.slice().digest;
  digest[0] += hash;
  digest[1] += mix64(hash + 1);
}

void FlowRunner::submit_copy(Flow& flow, std::uint32_t copy, TimePoint ready, TimePoint now) {
  const model::WireScript& script = flow.faults.script;
  Exchange& exchange = *flow.copies[copy];
  std::string body = std::move(exchange.body);  // keeps its capacity
  body.clear();
  exchange = Exchange{};
  exchange.body = std::move(body);
  exchange.request = flow.rendered.bytes;
  exchange.head_bytes = flow.rendered.head_bytes;
  exchange.target = flow.step->target;
  const std::size_t replicas = plan_.targets[flow.step->target].replicas.size();
  exchange.replica = static_cast<std::uint16_t>(flow.arrival % replicas);
  exchange.head_only = builder_of(flow).head_only();
  exchange.keep_body = judge_.keeps_body(*flow.step);
  exchange.timeout = flow.step->timeout;
  exchange.ready = ready;
  exchange.owner = flow.slot;
  exchange.attempt = flow.attempt;
  exchange.copy = copy;
  if (!script.plain()) {
    exchange.script = &script;
    exchange.cut_applies = script.cuts(copy);
    exchange.connection = copy == 0 && script.copies.connection == model::CopyConnection::kSame
                              ? model::CopyConnection::kAny
                              : script.copies.connection;
    exchange.same_connection_as = copy > 0 ? flow.copies[copy - 1].get() : nullptr;
    exchange.barrier = flow.barrier.expected > 1 ? &flow.barrier : nullptr;
  }
  --flow.copies_pending;
  ++flow.copies_open;
  ++flow.attempts_started;
  engine_.submit(exchange, now);
}

void FlowRunner::collect(TimePoint now) {
  engine_.take_completed(completed_);
  for (Exchange* exchange : completed_) {
    finish_copy(*exchange, now);
  }
}

void FlowRunner::on_time(TimePoint now) {
  while (!timers_.empty() && timers_.top().at <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Flow& flow = flows_.at(timer.slot);
    switch (timer.kind) {
      case TimerKind::kRetry:
      case TimerKind::kStep:
        start_attempt(flow, now);
        break;
      case TimerKind::kCopy:
        submit_copy(flow, timer.copy, timer.at, now);
        break;
    }
  }
}

std::optional<TimePoint> FlowRunner::next_deadline() const {
  return timers_.empty() ? std::nullopt : std::optional(timers_.top().at);
}

// The copies that were not started are not started any more.
void FlowRunner::give_up_copies(Flow& flow, TimePoint now) {
  flow.copies_pending = 0;
  if (flow.copies_open == 0) {
    finish_attempt(flow, now);
  }
}

void FlowRunner::abandon_all(TimePoint now) {
  abandoning_ = true;
  // What waits for its turn will not get one; what it had so far is its result.
  while (!timers_.empty()) {
    const Timer timer = timers_.top();
    timers_.pop();
    Flow& flow = flows_.at(timer.slot);
    switch (timer.kind) {
      case TimerKind::kCopy:
        if (flow.copies_pending > 0) {
          give_up_copies(flow, now);
        }
        break;
      case TimerKind::kRetry:
        finish_operation(flow, now);
        break;
      case TimerKind::kStep:
        flows_.release(flow);  // a step that never began asked for nothing
        break;
    }
  }
  engine_.abandon_all(now);
  collect(now);
  SQUALL_CHECK(flows_.active() == 0);
}

}  // namespace squall::engine
