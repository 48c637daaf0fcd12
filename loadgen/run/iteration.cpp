#include "loadgen/run/iteration.hpp"

#include <algorithm>

#include "loadgen/base/clock.hpp"
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

}  // namespace

IterationTrace run_iteration(const model::Plan& plan, const model::Scenario& scenario,
                             std::uint64_t arrival) {
  IterationTrace trace{.scenario = scenario.name, .steps = {}};
  net::Loop loop;
  engine::Engines engines(loop, plan, {.connections = 1});
  engine::StepJudge judge(plan);
  std::vector<std::string> extracted(scenario.extracted.size());
  for (const std::uint16_t index : scenario.steps) {
    const model::Step& step = plan.steps[index];
    const model::Target& target = plan.targets[step.target];
    const engine::RequestBuilder builder(target, target.replicas.front(), step.request);
    const std::string key = model::make_key(plan, step, arrival);
    std::string buffer;
    const engine::RenderedRequest rendered =
        builder.render({.key = key,
                        .sequence = arrival,
                        .run_id = plan.run_id,
                        .now = wall_clock_now(),
                        .extracted = extracted,
                        .chance = model::template_stream(plan, step).bits_at(arrival)},
                       buffer);
    std::string response;
    Exchange exchange;
    exchange.request = rendered.bytes;
    exchange.head_bytes = rendered.head_bytes;
    exchange.target = step.target;
    exchange.head_only = builder.head_only();
    exchange.keep_body = true;
    exchange.timeout = step.timeout;
    exchange.raw_answer = &response;
    exchange.once = step.is_effect;
    complete(loop, engines, exchange);
    const model::AttemptClass how = judge.classify(step, exchange);
    StepTrace& done = trace.steps.emplace_back(trace_of(step, exchange, std::move(response)));
    done.how = how;
    if (how != model::AttemptClass::kSuccess) {
      break;
    }
    judge.extract(step, exchange, extracted);
    for (std::size_t i = 0; i < step.extract.size(); ++i) {
      done.extracted.emplace_back(step.extract[i].name, extracted[step.extract_slots[i]]);
    }
  }
  return trace;
}

}  // namespace squall::run
