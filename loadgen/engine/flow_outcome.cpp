// The second half of FlowRunner: what comes back from the engine, judged and recorded.
#include <algorithm>
#include <utility>

#include "loadgen/base/clock.hpp"
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
    case AttemptClass::kNoData:
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
  bool trickled = false;
  bool read_slowly = false;
  bool malformed = false;
  bool unchanged = false;            // a copy's body had nothing to change
  bool early = false;                // some copy ended before a fault could act
  unsigned sent = 0;                 // copies of which a byte left
  unsigned copied = 0;               // copies that were sent as copies should be
  const Exchange* missed = nullptr;  // whose cut the engine gave up

  [[nodiscard]] bool has(const FaultPart& part, unsigned copies) const {
    return (!part.holds || held) && (!part.cuts || cut) && (!part.copies || copied == copies) &&
           (!part.moves_clock || sent > 0) && (!part.trickles || trickled) &&
           (!part.reads_slowly || read_slowly) && (!part.malforms || malformed);
  }
};

OnTheWire on_the_wire(const Operation& operation) {
  OnTheWire wire;
  for (unsigned copy = 0; copy < operation.faults.script.copies.count; ++copy) {
    const Exchange& exchange = *operation.copies[copy];
    wire.held = wire.held || exchange.hold_fired;
    wire.cut = wire.cut || exchange.cut_fired;
    wire.trickled = wire.trickled || exchange.trickle_fired;
    wire.read_slowly = wire.read_slowly || exchange.slow_read_fired;
    wire.malformed =
        wire.malformed || (exchange.malformed && exchange.bytes_sent > exchange.malformed_at);
    wire.unchanged = wire.unchanged || exchange.change_missed;
    wire.early = wire.early || ended_early(exchange.how);
    wire.sent += exchange.bytes_sent > 0 ? 1U : 0U;
    wire.copied += exchange.copy_fired && !exchange.change_missed ? 1U : 0U;
    wire.missed = exchange.cut_missed ? &exchange : wire.missed;
  }
  return wire;
}

// Why a part that was decided did not happen.
std::string reason_of(const FaultPart& part, const Operation& operation, const OnTheWire& wire) {
  if (part.reorders) {
    return "no later request passed it in its time";
  }
  if (part.copies && wire.unchanged) {
    return "the body has nothing at " + operation.faults.script.copies.change->pointer;
  }
  const bool given_up = part.cuts && wire.missed != nullptr;
  const std::string& detail = given_up ? wire.missed->detail : operation.copies[0]->detail;
  return detail.empty() ? "the answer was complete before its point was reached" : detail;
}

}  // namespace

const std::string& FlowRunner::caller_name(const Operation& operation) const {
  static const std::string nobody;
  const auto& callers = operation.iteration->scenario->callers;
  if (operation.step->caller) {
    return plan_.callers[*operation.step->caller].name;
  }
  return callers.empty() ? nobody : plan_.callers[callers[operation.iteration->caller]].name;
}

std::string FlowRunner::quote(std::string_view text) const {
  return model::safe_to_show(text, plan_.secrets, kDetailBytes);
}

std::string FlowRunner::seen_of(const Exchange& exchange, AttemptClass how) const {
  std::string seen = quote(exchange.detail);
  if (how != AttemptClass::kSuccess && !exchange.body.empty()) {
    seen += seen.empty() ? "" : "; ";
    seen += quote(exchange.body_truncated ? exchange.body + "…" : exchange.body);
  }
  return seen;
}

void FlowRunner::record_ending(const Operation& operation, const Exchange& exchange,
                               AttemptClass how) {
  const model::EndingKey key{operation.step->index, how,
                             static_cast<std::uint16_t>(exchange.status)};
  recorder_.ended(key);
  if (recorder_.wants_example(key)) {
    recorder_.example(key, {.at = after_zero(exchange.end),
                            .arrival = operation.iteration->arrival,
                            .detail = seen_of(exchange, how)});
  }
}

void FlowRunner::record_copy(const Operation& operation, const Exchange& exchange,
                             const model::AttemptKey& kind) {
  ++recorder_.counters().attempts;
  record_ending(operation, exchange, kind.how);
  recorder_.attempt(kind, {.intended = operation.attempt_intended,
                           .ready = exchange.ready,
                           .taken_up = exchange.taken_up,
                           .first_byte_sent = exchange.first_byte_sent,
                           .end = exchange.end});
  if (exchange.phases.known) {
    recorder_.phases(operation.step->index, phase_of(operation), exchange.phases);
  }
  if (operation.step->history != nullptr) {
    if (auto made = history_.operation_of(operation, exchange, kind.how, zero_)) {
      recorder_.slice().history.push_back(*std::move(made));
    }
  }
  if (!operation.step->is_effect) {
    return;
  }
  const bool sent = exchange.first_byte_sent != TimePoint{};
  model::EffectAttempt line{
      .step = operation.step->index,
      .arrival = operation.iteration->arrival,
      .attempt = exchange.attempt,
      .copy = exchange.copy,
      .key = operation.effect_key,
      .intended = after_zero(operation.attempt_intended),
      .first_byte = after_zero(sent ? exchange.first_byte_sent : exchange.end),
      .end = after_zero(exchange.end),
      .how = kind.how,
      .status = exchange.status,
      .bytes_sent = exchange.bytes_sent,
      .faults = {},
      .detail = seen_of(exchange, kind.how),
      .visit = operation.visit,
      .caller = caller_name(operation),
  };
  for (const FaultPart& part : operation.faults.decided()) {
    line.faults.push_back(part.fault);
  }
  recorder_.slice().effect_attempts.push_back(std::move(line));
}

void FlowRunner::finish_copy(Exchange& exchange, TimePoint now) {
  Operation& operation = operations_.at(exchange.owner);
  const bool first_success = operation.success_end == TimePoint{};
  const expr::RenderContext context = judge_.needs_operation(*operation.step)
                                          ? context_of(operation, wall_clock_now())
                                          : expr::RenderContext{};
  const StepJudge::Judged judged =
      judge_.judge(*operation.step, exchange,
                   first_success ? &operation.iteration->extracted : nullptr, context);
  const AttemptClass how = judged.how;
  if (judged.unmet) {
    ++recorder_.slice().unmet[{operation.step->index, *judged.unmet}];
  }
  --operation.copies_open;
  if (!holds_.empty()) {
    holds_.ended(exchange);
  }
  // What the end of the drain cut off was not answered by then; how long it would have taken is not
  // known.
  const bool given_up = model::never_started(how) || (abandoning_ && how == AttemptClass::kTimeout);
  operation.given_up = operation.given_up || given_up;
  record_copy(operation, exchange,
              {.step = operation.step->index,
               .phase = phase_of(operation),
               .exposure = operation.exposure,
               .how = how,
               .censored = given_up});
  operation.fold.add(how, exchange.bytes_sent > 0);
  operation.last_end = std::max(operation.last_end, exchange.end);
  if (exchange.copy == 0) {
    operation.last_class = how;
  }
  if (first_success) {
    operation.decided_by = how;
    operation.decided_status = exchange.status;
    if (how == AttemptClass::kSuccess) {
      operation.success_end = exchange.end;
    }
  }
  if (operation.copies_pending > 0 &&
      operation.faults.script.copies.spacing == CopySpacing::kAfterResponse) {
    if (abandoning_) {
      operation.copies_pending = 0;
    } else {
      submit_copy(operation, exchange.copy + 1, exchange.end, now);
    }
  }
  if (operation.copies_open > 0) {
    return;
  }
  if (operation.copies_pending == 0) {
    finish_attempt(operation, now);
  } else if (operation.faults.script.copies.spacing == CopySpacing::kLate) {
    move_on_early(operation, now);
  }
}

// The copies that were not started are not started any more.
void FlowRunner::give_up_copies(Operation& operation, TimePoint now) {
  operation.copies_pending = 0;
  if (operation.copies_open == 0) {
    finish_attempt(operation, now);
  }
}

void FlowRunner::account_faults(const Operation& operation) {
  const OnTheWire wire = on_the_wire(operation);
  for (const FaultPart& part : operation.faults.decided()) {
    model::FaultCounts& counts = recorder_.faults()[part.fault];
    // A cut that the engine gave up did not fire, however the attempt ended after that: its point
    // was reached.
    const bool given_up = part.cuts && wire.missed != nullptr;
    const bool passed = !part.reorders || operation.passed > 0;
    const bool early = part.reorders ? operation.hold_cut_short : wire.early && !given_up;
    if (passed && wire.has(part, operation.faults.script.copies.count)) {
      ++counts.fired;
    } else if (early) {
      ++counts.preempted;
    } else {
      recorder_.unfired({part.fault, operation.step->index, operation.iteration->arrival,
                         quote(reason_of(part, operation, wire))});
    }
  }
}

void FlowRunner::finish_attempt(Operation& operation, TimePoint now) {
  if (!operation.faults.script.plain()) {
    account_faults(operation);
  }
  if (!try_retry(operation, now)) {
    finish_operation(operation, now);
  }
}

bool FlowRunner::try_retry(Operation& operation, TimePoint now) {
  const model::RetryPolicy& policy = operation.step->retry;
  const bool wanted = !abandoning_ && operation.success_end == TimePoint{} &&
                      operation.attempt + 1 < policy.attempts &&
                      policy.on.contains(operation.last_class);
  if (!wanted) {
    return false;
  }
  if (!tools_of(operation).budget.take()) {
    ++recorder_.counters().retries_denied;
    return false;
  }
  ++recorder_.counters().retries;
  ++operation.attempt;
  const Duration delay = retry_delay(policy, tools_of(operation).backoff, operation.index().mixed(),
                                     operation.attempt);
  operation.attempt_intended = now + delay;
  operation.attempt_ready = operation.attempt_intended;
  timers_.push({operation.attempt_intended, operation.slot, TimerKind::kRetry, 0});
  return true;
}

void FlowRunner::record_span(const Operation& operation, model::OperationOutcome outcome,
                             TimePoint end) {
  recorder_.slice().spans.push_back({.step = operation.step->index,
                                     .arrival = operation.iteration->arrival,
                                     .visit = operation.visit,
                                     .key = std::string(operation.key_view()),
                                     .intended = after_zero(operation.intended),
                                     .end = after_zero(end),
                                     .attempts = operation.attempts_started,
                                     .how = operation.decided_by,
                                     .status = operation.decided_status,
                                     .outcome = outcome,
                                     .exposure = operation.exposure});
}

void FlowRunner::finish_operation(Operation& operation, TimePoint now) {
  const model::OperationOutcome outcome = operation.fold.outcome();
  const TimePoint end =
      operation.success_end != TimePoint{} ? operation.success_end : operation.last_end;
  recorder_.operation({.step = operation.step->index,
                       .phase = phase_of(operation),
                       .exposure = operation.exposure,
                       .outcome = outcome,
                       .censored = operation.given_up && operation.success_end == TimePoint{}},
                      end - operation.intended);
  operation.iteration->end = std::max(operation.iteration->end, operation.last_end);
  ++recorder_.counters().completed;
  if (operation.attempt == 0 && model::never_started(operation.copies[0]->how)) {
    ++recorder_.counters().dropped;
  }
  if (operation.step->is_effect) {
    recorder_.slice().effect_operations.push_back({.step = operation.step->index,
                                                   .arrival = operation.iteration->arrival,
                                                   .key = operation.effect_key,
                                                   .outcome = outcome,
                                                   .exposure = operation.exposure,
                                                   .attempts = operation.attempts_started,
                                                   .visit = operation.visit});
  }
  if (plan_.load.spans) {
    record_span(operation, outcome, end);
  }
  if (operation.moved_on) {
    end_late(operation);
    return;
  }
  move_on(operation, outcome, end, now);
  ready_.push_back(&operation);
}

// One slow answer must not push the user's next act back and be forgiven there: the next intended
// start is where it would have been after a usual answer (ACCURACY, "Dependent steps").
void FlowRunner::move_on(Operation& operation, model::OperationOutcome outcome, TimePoint end,
                         TimePoint now) {
  const bool acked = outcome == model::OperationOutcome::kAcked;
  Iteration& iteration = *operation.iteration;
  iteration.stopped = iteration.stopped || (!acked && !operation.step->goes_on);
  Walk& walk = operation.walk;
  walk.last_outcome = outcome;
  walk.last_status = operation.copies[0]->status;
  walk.has_last = true;
  if (!programs_[iteration.scenario->index].single_step()) {
    RollingMedian& usual = tools_of(operation).response;
    const Duration response = end - operation.intended;
    if (acked) {
      usual.add(response);
    }
    walk.usual_end = operation.intended + std::min(response, usual.median());
    walk.end = end;
    walk.seen = now;
  }
}

}  // namespace squall::engine
