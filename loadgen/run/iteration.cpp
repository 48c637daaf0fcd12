#include "loadgen/run/iteration.hpp"

#include <algorithm>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/hash.hpp"
#include "loadgen/engine/engines.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/request_builder.hpp"
#include "loadgen/engine/step_judge.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/precise_timer.hpp"

namespace squall::run {
namespace {

using engine::Exchange;

// Runs the loop until the exchange is back; the engine's own timeout ends it at the latest.
void complete(net::Loop& loop, engine::Engines& engines, Exchange& exchange) {
  net::PreciseTimer timer(loop, [] {});
  std::vector<Exchange*> completed;
  engines.submit(exchange, monotonic_now());
  while (completed.empty()) {
    if (const auto deadline = engines.next_deadline()) {
      timer.arm(*deadline);
    }
    loop.wait();
    engines.on_time(monotonic_now());
    engines.take_completed(completed);
  }
}

StepTrace trace_of(const model::Step& step, const Exchange& exchange, std::string response) {
  StepTrace trace;
  trace.step = step.full_name;
  trace.request = exchange.request;
  trace.response = std::move(response);
  trace.status = exchange.status;
  trace.detail = exchange.detail;
  const bool sent = exchange.first_byte_sent != TimePoint{};
  const TimePoint first_byte = sent ? exchange.first_byte_sent : exchange.end;
  trace.queue = first_byte - exchange.taken_up;
  trace.service = exchange.end - first_byte;
  return trace;
}

constexpr Duration kLongestThink = std::chrono::seconds(1);

// Walks one iteration. Recursion is as deep as the groups, which the plan bounds.
class Walk {
 public:
  Walk(const model::Plan& plan, const model::Scenario& scenario, std::uint64_t arrival)
      : plan_(plan),
        scenario_(scenario),
        arrival_(arrival),
        program_(scenario.program.code.empty() ? model::straight_program(scenario.steps)
                                               : scenario.program),
        engines_(loop_, plan, {.connections = 1}),
        judge_(plan),
        extracted_(scenario.extracted.size()),
        visits_(scenario.repeated_steps, 0) {
    trace_.scenario = scenario.name;
  }

  IterationTrace take() {
    sequence(0);
    return std::move(trace_);
  }

 private:
  using Kind = model::FlowInstruction::Kind;
  struct Loop {
    std::uint32_t pass = 0;
    std::uint32_t passes = 0;
  };

  // From `at` to the end of the child or of the flow.
  void sequence(std::size_t at) {
    while (!trace_.failed) {
      const model::FlowInstruction& instruction = program_.code[at++];
      switch (instruction.kind) {
        case Kind::kStep:
          step(plan_.steps[instruction.index]);
          break;
        case Kind::kUnless:
          at = holds(instruction) ? at : instruction.target;
          break;
        case Kind::kLoop:
          at = begin_loop(instruction, at) ? at : instruction.target;
          break;
        case Kind::kWhile:
          if (!holds(instruction)) {
            loops_.pop_back();
            at = instruction.target;
          }
          break;
        case Kind::kAgain:
          if (++loops_.back().pass < loops_.back().passes) {
            at = instruction.target;
          } else {
            loops_.pop_back();
          }
          break;
        case Kind::kPause:
          if (pass() > 0) {
            wait(model::drawn_pause(program_.pauses[instruction.index],
                                    model::pass_stream(plan_.seed, scenario_.name), arrival_,
                                    place_of(at)));
          }
          break;
        case Kind::kParallel:
          for (std::uint32_t i = 0; i < instruction.low; ++i) {
            sequence(program_.children[instruction.index + i]);
          }
          at = instruction.target;
          break;
        case Kind::kEnd:
          return;
      }
    }
  }

  // As the flow runner tells what is begun many times apart.
  [[nodiscard]] std::uint64_t place_of(std::uint64_t at) const {
    for (const Loop& outer : loops_) {
      at = hash_combine(at, outer.pass);
    }
    return at;
  }

  bool begin_loop(const model::FlowInstruction& instruction, std::uint64_t at) {
    const std::uint32_t passes = model::drawn_passes(
        instruction, model::pass_stream(plan_.seed, scenario_.name), arrival_, place_of(at));
    if (passes > 0) {
      loops_.push_back({0, passes});
    }
    return passes > 0;
  }

  [[nodiscard]] std::uint32_t pass() const { return loops_.empty() ? 0 : loops_.back().pass; }

  bool holds(const model::FlowInstruction& instruction) {
    return program_.conditions[instruction.index].holds({.extracted = extracted_,
                                                         .last_status = last_status_,
                                                         .last_outcome = last_outcome_,
                                                         .index = pass()});
  }

  [[nodiscard]] const model::Caller* caller_of(const model::Step& step) const {
    if (step.caller) {
      return &plan_.callers[*step.caller];
    }
    const auto& callers = scenario_.callers;
    return callers.empty() ? nullptr : &plan_.callers[callers[arrival_ % callers.size()]];
  }

  void step(const model::Step& step) {
    const std::uint32_t visit = step.visit_slot ? visits_[*step.visit_slot]++ : 0;
    if (visit > 0) {
      think(step, visit);
    }
    const model::Caller* caller = caller_of(step);
    const model::Target& target = plan_.targets[step.target];
    const engine::RequestBuilder builder(target, target.replicas.front(), step.request, caller);
    const std::string key = model::make_key(plan_, step, {arrival_, visit});
    std::string buffer;
    const engine::RenderedRequest rendered =
        builder.render({.key = key,
                        .sequence = arrival_,
                        .index = pass(),
                        .run_id = plan_.run_id,
                        .caller = caller != nullptr ? std::string_view(caller->name) : "",
                        .now = wall_clock_now(),
                        .extracted = extracted_,
                        .chance = model::template_stream(plan_, step).bits_at(arrival_, visit)},
                       buffer);
    std::string response;
    Exchange exchange;
    exchange.request = rendered.bytes;
    exchange.head_bytes = rendered.head_bytes;
    exchange.target = step.target;
    exchange.head_only = builder.head_only();
    exchange.keep_body = true;
    exchange.keep_header = judge_.keeps_header(step);
    exchange.timeout = step.timeout;
    exchange.raw_answer = &response;
    exchange.once = step.is_effect;
    if (rendered.sound) {
      complete(loop_, engines_, exchange);
    } else {
      exchange.how = model::AttemptClass::kRefused;
      exchange.detail = engine::kUnsoundRequest;
    }
    conclude(step, exchange, std::move(response));
  }

  void conclude(const model::Step& step, Exchange& exchange, std::string response) {
    const model::AttemptClass how = judge_.judge(step, exchange, &extracted_).how;
    model::OutcomeFold fold;
    fold.add(how, exchange.bytes_sent > 0);
    last_outcome_ = to_string(fold.outcome());
    last_status_ = exchange.status;
    StepTrace& done = trace_.steps.emplace_back(trace_of(step, exchange, std::move(response)));
    done.how = how;
    if (how != model::AttemptClass::kSuccess) {
      trace_.failed = !step.goes_on;
      return;
    }
    for (std::size_t i = 0; i < step.extract.size(); ++i) {
      done.extracted.emplace_back(step.extract[i].name, extracted_[step.extract_slots[i]]);
    }
  }

  void think(const model::Step& step, std::uint32_t visit) {
    const StreamId stream(plan_.seed, step.full_name, "think");
    const std::uint64_t draw = std::uint64_t{visit} * 2;
    wait(step.think.at(stream.unit_at(arrival_, draw), stream.unit_at(arrival_, draw + 1)));
  }

  void wait(Duration time) {
    const TimePoint until = monotonic_now() + std::min(time, kLongestThink);
    net::PreciseTimer timer(loop_, [] {});
    while (monotonic_now() < until) {
      timer.arm(until);
      loop_.wait();
    }
  }

  const model::Plan& plan_;
  const model::Scenario& scenario_;
  std::uint64_t arrival_;
  model::FlowProgram program_;
  net::Loop loop_;
  engine::Engines engines_;
  engine::StepJudge judge_;
  std::vector<std::string> extracted_;
  std::vector<std::uint32_t> visits_;
  std::vector<Loop> loops_;
  std::string_view last_outcome_;
  int last_status_ = 0;
  IterationTrace trace_;
};

}  // namespace

IterationTrace run_iteration(const model::Plan& plan, const model::Scenario& scenario,
                             std::uint64_t arrival) {
  return Walk(plan, scenario, arrival).take();
}

}  // namespace squall::run
