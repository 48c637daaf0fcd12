// The second half of FlowRunner: what comes back from the engine, judged and recorded.
#include <algorithm>
#include <utility>

#include "loadgen/base/text.hpp"
#include "loadgen/engine/flow_runner.hpp"

namespace squall::engine {
namespace {

using model::AttemptClass;
using model::CopySpacing;

constexpr std::size_t kDetailBytes = 160;

// Whether the attempt ended for reasons of the target, the network or the load before a fault could
// act.
bool ended_early(AttemptClass how) {
  switch (how) {
    case AttemptClass::kTimeout:
    case AttemptClass::kReset:
    case AttemptClass::kClosed:
    case AttemptClass::kMalformed:
    case AttemptClass::kOversized:
    case AttemptClass::kRefused:
    case AttemptClass::kDropped:
      return true;
    case AttemptClass::kSuccess:
    case AttemptClass::kUnexpected:
    case AttemptClass::kClientError:
    case AttemptClass::kServerError:
    case AttemptClass::kCut:
      return false;
  }
  return false;
}

// What was done of an attempt's script, all copies together.
struct OnTheWire {
  bool held = false;
  bool cut = false;
  bool early = false;                // some copy ended before a fault could act
  unsigned sent = 0;                 // copies of which a byte left
  unsigned copied = 0;               // copies that were sent as copies should be
  const Exchange* missed = nullptr;  // whose cut the engine gave up

  [[nodiscard]] bool has(const FaultPart& part, unsigned copies) const {
    return (!part.holds || held) && (!part.cuts || cut) && (!part.copies || copied == copies) &&
           (!part.moves_clock || sent > 0);
  }
};

OnTheWire on_the_wire(const Flow& flow) {
  OnTheWire wire;
  for (unsigned copy = 0; copy < flow.faults.script.copies.count; ++copy) {
    const Exchange& exchange = *flow.copies[copy];
    wire.held = wire.held || exchange.hold_fired;
    wire.cut = wire.cut || exchange.cut_fired;
    wire.early = wire.early || ended_early(exchange.how);
    wire.sent += exchange.bytes_sent > 0 ? 1U : 0U;
    wire.copied += exchange.copy_fired ? 1U : 0U;
    wire.missed = exchange.cut_missed ? &exchange : wire.missed;
  }
  return wire;
}

}  // namespace

void FlowRunner::record_copy(const Flow& flow, const Exchange& exchange, AttemptClass how) {
  ++recorder_.counters().attempts;
  recorder_.attempt(
      {.step = flow.step->index, .phase = flow.phase, .exposure = flow.exposure, .how = how},
      {.intended = flow.attempt_intended,
       .ready = exchange.ready,
       .taken_up = exchange.taken_up,
       .first_byte_sent = exchange.first_byte_sent,
       .end = exchange.end});
  if (!flow.step->is_effect) {
    return;
  }
  const bool sent = exchange.first_byte_sent != TimePoint{};
  model::EffectAttempt line{
      .step = flow.step->index,
      .arrival = flow.arrival,
      .attempt = exchange.attempt,
      .copy = exchange.copy,
      .key = flow.effect_key,
      .intended = after_zero(flow.attempt_intended),
      .first_byte = after_zero(sent ? exchange.first_byte_sent : exchange.end),
      .end = after_zero(exchange.end),
      .how = how,
      .status = exchange.status,
      .bytes_sent = exchange.bytes_sent,
      .faults = {},
      .detail = printable(exchange.detail, kDetailBytes),
  };
  for (const FaultPart& part : flow.faults.decided()) {
    line.faults.push_back(part.fault);
  }
  if (how != AttemptClass::kSuccess && !exchange.body.empty()) {
    line.detail += (line.detail.empty() ? "" : "; ") + printable(exchange.body, kDetailBytes);
  }
  line.detail = model::redact(line.detail, plan_.secrets);
  recorder_.slice().effect_attempts.push_back(std::move(line));
}

void FlowRunner::finish_copy(Exchange& exchange, TimePoint now) {
  Flow& flow = flows_.at(exchange.owner);
  const AttemptClass how = judge_.classify(*flow.step, exchange);
  --flow.copies_open;
  record_copy(flow, exchange, how);
  flow.fold.add(how, exchange.bytes_sent > 0);
  flow.last_end = std::max(flow.last_end, exchange.end);
  if (exchange.copy == 0) {
    flow.last_class = how;
  }
  if (how == AttemptClass::kSuccess && flow.success_end == TimePoint{}) {
    flow.success_end = exchange.end;
    judge_.extract(*flow.step, exchange, flow.extracted);
  }
  if (flow.copies_pending > 0 && flow.faults.script.copies.spacing == CopySpacing::kAfterResponse) {
    if (abandoning_) {
      flow.copies_pending = 0;
    } else {
      submit_copy(flow, exchange.copy + 1, exchange.end, now);
    }
  }
  if (flow.copies_open == 0 && flow.copies_pending == 0) {
    finish_attempt(flow, now);
  }
}

void FlowRunner::account_faults(const Flow& flow) {
  const OnTheWire wire = on_the_wire(flow);
  for (const FaultPart& part : flow.faults.decided()) {
    model::FaultCounts& counts = recorder_.faults()[part.fault];
    // A cut that the engine gave up did not fire, however the attempt ended after that: its point
    // was reached.
    const bool given_up = part.cuts && wire.missed != nullptr;
    if (wire.has(part, flow.faults.script.copies.count)) {
      ++counts.fired;
    } else if (wire.early && !given_up) {
      ++counts.preempted;
    } else {
      const std::string& detail = given_up ? wire.missed->detail : flow.copies[0]->detail;
      recorder_.unfired({part.fault, flow.step->index, flow.arrival,
                         detail.empty() ? "the answer was complete before its point was reached"
                                        : printable(detail, kDetailBytes)});
    }
  }
}

void FlowRunner::finish_attempt(Flow& flow, TimePoint now) {
  if (!flow.faults.script.plain()) {
    account_faults(flow);
  }
  if (!try_retry(flow, now)) {
    finish_operation(flow, now);
  }
}

bool FlowRunner::try_retry(Flow& flow, TimePoint now) {
  const model::RetryPolicy& policy = flow.step->retry;
  const bool wanted = !abandoning_ && flow.success_end == TimePoint{} &&
                      flow.attempt + 1 < policy.attempts && policy.on.contains(flow.last_class);
  if (!wanted) {
    return false;
  }
  if (!budgets_[flow.step->index].take()) {
    ++recorder_.counters().retries_denied;
    return false;
  }
  ++recorder_.counters().retries;
  ++flow.attempt;
  const Duration delay =
      retry_delay(policy, backoff_streams_[flow.step->index], flow.arrival, flow.attempt);
  flow.attempt_intended = now + delay;
  flow.attempt_ready = flow.attempt_intended;
  timers_.push({flow.attempt_intended, flow.slot, TimerKind::kRetry, 0});
  return true;
}

void FlowRunner::finish_operation(Flow& flow, TimePoint now) {
  const model::OperationOutcome outcome = flow.fold.outcome();
  const TimePoint end = flow.success_end != TimePoint{} ? flow.success_end : flow.last_end;
  const Duration response = end - flow.intended;
  recorder_.operation({.step = flow.step->index,
                       .phase = flow.phase,
                       .exposure = flow.exposure,
                       .outcome = outcome},
                      response);
  ++recorder_.counters().completed;
  if (flow.attempt == 0 && flow.copies[0]->how == AttemptClass::kDropped) {
    ++recorder_.counters().dropped;
  }
  if (flow.step->is_effect) {
    recorder_.slice().effect_operations.push_back({.step = flow.step->index,
                                                   .arrival = flow.arrival,
                                                   .key = flow.effect_key,
                                                   .outcome = outcome,
                                                   .exposure = flow.exposure,
                                                   .attempts = flow.attempts_started});
  }
  if (!abandoning_ && outcome == model::OperationOutcome::kAcked &&
      flow.step_at + 1 < flow.scenario->steps.size()) {
    medians_[flow.step->index].add(response);
    next_step(flow, now);
    return;
  }
  flows_.release(flow);
}

void FlowRunner::next_step(Flow& flow, TimePoint now) {
  // One slow answer must not push the user's next act back and be forgiven there: the next intended
  // start is where it would have been after a usual answer (ACCURACY, "Dependent steps").
  const Duration response = flow.success_end - flow.intended;
  const Duration usual = std::min(response, medians_[flow.step->index].median());
  ++flow.step_at;
  const Duration think = plan_.steps[flow.scenario->steps[flow.step_at]].think;
  const TimePoint intended = flow.intended + usual + think;
  const TimePoint ready = std::max(now, flow.success_end + think);
  start_operation(flow, intended, ready);
  if (ready > now) {
    timers_.push({ready, flow.slot, TimerKind::kStep, 0});
  } else {
    start_attempt(flow, now);
  }
}

}  // namespace squall::engine
