#include "loadgen/verify/event_delivery.hpp"

#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/verify/control_group.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr unsigned kEvents = 5;

}  // namespace

Operation new_event(Lab& lab) {
  Operation event = lab.new_operation();
  event.event = lab.new_key();
  return event;
}

Operation another_event(Lab& lab, const Operation& event) {
  Operation another = event;
  another.event = lab.new_key();
  return another;
}

Answer deliver_until_acknowledged(Lab& lab, Trial& trial, const Shot& shot) {
  const TimePoint end = monotonic_now() + lab.idempotency().lock_time;
  Backoff backoff;
  for (;;) {
    Answer answer = lab.play(trial, shot);
    if (answer.succeeded() || lab.stopped() || trial.spoiled()) {
      return answer;
    }
    if (!asks_again(answer, lab.profile())) {
      trial.warns(
          fmt::format("the event is refused for good: {}; providers repeat it, and give "
                      "the receiver up in the end",
                      end_of(answer)));
      return answer;
    }
    if (monotonic_now() >= end) {
      trial.fails(model::PropertyHarm::kStuck,
                  fmt::format("the event stays without acknowledgement: still {} after {}",
                              end_of(answer), format_duration(lab.idempotency().lock_time)));
      return answer;
    }
    backoff.wait(lab);
  }
}

Result<Usual> usual_of_events(Lab& lab, const model::IdempotencyRequest* later) {
  if (!lab.effects().possible()) {
    return Usual{};
  }
  const model::IdempotencyRequest& deliver = lab.idempotency().consumer->deliver;
  PropertyTest group(lab);
  std::vector<std::string> tokens;
  std::string refusal;
  group.rounds(kEvents, [&](Trial& trial) {
    const Operation event = new_event(lab);
    Answer answer = lab.play(trial, lab.shot(deliver, event));
    if (answer.succeeded() && later != nullptr) {
      answer = lab.play(trial, lab.shot(*later, another_event(lab, event)));
    }
    if (answer.succeeded()) {
      tokens.push_back(event.token);
    } else if (!trial.spoiled()) {
      refusal = end_of(answer);
    }
  });
  if (!refusal.empty() || tokens.empty()) {
    return fail(ErrorCode::kUnavailable,
                refusal.empty() ? "no event could be delivered"
                                : "an event is not taken that is delivered once: " + refusal);
  }
  const EffectCount::Counts counts = count_of_group(lab, group, tokens);
  if (!counts.problem.empty()) {
    return fail(ErrorCode::kUnavailable, counts.problem);
  }
  Usual usual = usual_of(counts, tokens.size());
  if (usual.effects > 0) {
    return usual;
  }
  return fail(ErrorCode::kUnavailable,
              proves_nothing(effects_of_all(counts), tokens.size(), "events that were delivered"));
}

}  // namespace squall::verify
