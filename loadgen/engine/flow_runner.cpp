#include "loadgen/engine/flow_runner.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/model/load_model.hpp"

namespace squall::engine {
namespace {

using model::AttemptClass;

// The pool of users that scenarios share by weight.
constexpr std::uint16_t kSharedPool = std::numeric_limits<std::uint16_t>::max();

model::FlowProgram program_of(const model::Scenario& scenario) {
  return scenario.program.code.empty() ? model::straight_program(scenario.steps) : scenario.program;
}

std::vector<RequestBuilder> builders_of(const model::Plan& plan, const model::Step& step) {
  const model::Target& target = plan.targets[step.target];
  std::vector<const model::Caller*> callers;
  if (step.caller) {
    callers.push_back(&plan.callers[*step.caller]);
  } else {
    for (const std::uint16_t caller : plan.scenarios[step.scenario].callers) {
      callers.push_back(&plan.callers[caller]);
    }
  }
  if (callers.empty()) {
    callers.push_back(nullptr);
  }
  std::vector<RequestBuilder> builders;
  for (const model::Caller* caller : callers) {
    for (const model::Endpoint& endpoint : target.replicas) {
      builders.emplace_back(target, endpoint, step.request, caller);
    }
  }
  return builders;
}

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
      history_(deps.plan),
      uncounted_(deps.plan.faults.size()) {
  for (const model::Scenario& scenario : plan_.scenarios) {
    programs_.push_back(program_of(scenario));
    const model::Users* const users = model::users_of(plan_, scenario);
    closed_.push_back(users != nullptr ? 1 : 0);
    pools_.push_back({.most = users == nullptr ? 0 : users->most(),
                      .number = scenario.users ? scenario.index : kSharedPool});
    pass_streams_.push_back(model::pass_stream(plan_.seed, scenario.name));
  }
  for (const model::Step& step : plan_.steps) {
    tools_.push_back({.builders = builders_of(plan_, step),
                      .budget = RetryBudget(step.retry.budget),
                      .backoff = StreamId(plan_.seed, step.full_name, "backoff"),
                      .think = StreamId(plan_.seed, step.full_name, "think"),
                      .templates = model::template_stream(plan_, step),
                      .response = {}});
  }
}

Operation& FlowRunner::open_iteration(const Arrival& arrival) {
  Iteration& iteration = iterations_.acquire();
  iteration.scenario = &plan_.scenarios[arrival.scenario];
  iteration.arrival = arrival.index;
  iteration.warms_up = arrival.offset < Duration::zero();
  const std::size_t callers = iteration.scenario->callers.size();
  iteration.caller = static_cast<std::uint16_t>(callers == 0 ? 0 : arrival.index % callers);
  iteration.began = false;
  iteration.end = {};
  iteration.stopped = false;
  iteration.ended = false;
  iteration.late = 0;
  iteration.users = pools_[arrival.scenario];
  iteration.extracted.resize(iteration.scenario->extracted.size());
  for (std::string& value : iteration.extracted) {
    value.clear();
  }
  iteration.visits.assign(iteration.scenario->repeated_steps, 0);
  Operation& operation = operations_.acquire();
  operation.iteration = &iteration;
  operation.walk = {};
  const TimePoint intended = zero_ + arrival.offset;
  operation.walk.usual_end = intended;
  operation.walk.end = intended;
  operation.walk.seen = intended;
  return operation;
}

void FlowRunner::end_iteration(Iteration& iteration) {
  if (!iteration.ended && closed_[iteration.scenario->index] != 0) {
    ended_.push_back({iteration.scenario->index, iteration.arrival, iteration.end});
  }
  iteration.ended = true;
  if (iteration.late > 0) {
    return;  // the last of its late copies comes back here
  }
  if (iteration.users.most == 0) {
    engine_.forget_user(iteration.user());
  }
  iterations_.release(iteration);
}

void FlowRunner::begin(const Arrival& arrival, TimePoint now) {
  ++recorder_.counters().started;
  Operation& operation = open_iteration(arrival);
  if (arrival.index >= operation.iteration->scenario->arrivals_with_rows) {
    give_up(operation, AttemptClass::kNoData,
            "feeder " + operation.iteration->scenario->shortest_feeder + " has no more rows", now);
    return;
  }
  operation.iteration->end = now;  // so that one without any operation takes its time, too
  if (engine_.waiting() >= max_waiting_) {
    give_up(operation, AttemptClass::kDropped, "the queue of waiting arrivals was full", now);
    return;
  }
  ready_.push_back(&operation);
  walk_ready(now);
}

void FlowRunner::drop(const Arrival& arrival, TimePoint now) {
  abandoning_ = true;
  give_up(open_iteration(arrival), AttemptClass::kDropped, "never taken up", now);
}

void FlowRunner::give_up(Operation& operation, AttemptClass how, std::string why, TimePoint now) {
  Iteration& iteration = *operation.iteration;
  iteration.stopped = true;
  operation.step = &plan_.steps[iteration.scenario->steps.front()];
  operation.visit = 0;
  start_operation(operation, operation.walk.usual_end, operation.walk.usual_end);
  // The digest is about the plan, so it does not depend on how far the load got.
  const Duration offset = after_zero(operation.intended);
  decider_.decide(*operation.step, offset, operation.index(), 0, uncounted_, operation.faults);
  render(operation);
  add_to_digest(operation, offset);
  operation.faults = {};
  drop_attempt(operation, how, std::move(why), now);
}

// Of an attempt of which nothing was sent.
void FlowRunner::drop_attempt(Operation& operation, AttemptClass how, std::string why,
                              TimePoint now) {
  Exchange& exchange = *operation.copies[0];
  exchange = Exchange{};
  exchange.owner = operation.slot;
  exchange.how = how;
  exchange.end = now;
  exchange.detail = std::move(why);
  operation.copies_open = 1;
  operation.copies_pending = 0;
  finish_copy(exchange, now);
  walk_ready(now);
}

void FlowRunner::collect(TimePoint now) {
  engine_.take_completed(completed_);
  for (Exchange* exchange : completed_) {
    finish_copy(*exchange, now);
    walk_ready(now);
  }
}

void FlowRunner::on_time(TimePoint now) {
  release_held(now);
  while (!timers_.empty() && timers_.top().at <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Operation& operation = operations_.at(timer.slot);
    switch (timer.kind) {
      case TimerKind::kRetry:
        start_attempt(operation, now);
        break;
      case TimerKind::kStep:
        // Another step of the iteration may have failed meanwhile; this one asked for nothing yet.
        if (operation.iteration->stopped) {
          end_sequence(operation);
        } else {
          start_attempt(operation, now);
        }
        break;
      case TimerKind::kCopy:
        submit_copy(operation, timer.copy, timer.at, now);
        break;
    }
    walk_ready(now);
  }
}

std::optional<TimePoint> FlowRunner::next_deadline() const {
  std::optional<TimePoint> next = holds_.next_deadline();
  if (!timers_.empty()) {
    next = std::min(next.value_or(timers_.top().at), timers_.top().at);
  }
  return next;
}

void FlowRunner::abandon_all(TimePoint now) {
  abandoning_ = true;
  // What waits for its turn will not get one; what it had so far is its result.
  while (!timers_.empty()) {
    const Timer timer = timers_.top();
    timers_.pop();
    Operation& operation = operations_.at(timer.slot);
    switch (timer.kind) {
      case TimerKind::kCopy:
        if (operation.copies_pending > 0) {
          give_up_copies(operation, now);
        }
        break;
      case TimerKind::kRetry:
        operation.given_up = true;
        finish_operation(operation, now);
        break;
      case TimerKind::kStep:
        end_sequence(operation);  // a step that never began asked for nothing
        break;
    }
    walk_ready(now);
  }
  give_up_held(now);
  engine_.abandon_all(now);
  collect(now);
  SQUALL_CHECK(iterations_.active() == 0 && operations_.active() == 0);
}

}  // namespace squall::engine
