#include "loadgen/app/null_plan.hpp"

#include "loadgen/model/idempotency_plan.hpp"

namespace squall::app {
namespace {

void send_to(model::Target& target, std::uint16_t port) {
  for (model::Endpoint& replica : target.replicas) {
    replica.scheme = "http";
    replica.host = "127.0.0.1";
    replica.port = port;
  }
  target.tls.reset();
  target.curl = {};
}

void expect_nothing(model::Step& step) {
  step.expect.clear();
  step.extract.clear();
  step.extract_slots.clear();
  step.retry = {};
  step.is_effect = false;
  step.max_visits = 1;
  step.visit_slot.reset();
  step.history = nullptr;
}

}  // namespace

model::Plan null_plan(const model::Plan& plan, std::uint16_t port) {
  model::Plan null = plan;
  for (model::Target& target : null.targets) {
    send_to(target, port);
  }
  for (model::Step& step : null.steps) {
    expect_nothing(step);
  }
  for (model::Scenario& scenario : null.scenarios) {
    scenario.program = model::straight_program(scenario.steps);
    scenario.repeated_steps = 0;
  }
  null.faults.clear();
  null.services.clear();
  null.proxies.clear();
  null.proxy_faults.clear();
  null.actions.clear();
  null.setup.clear();
  null.teardown.clear();
  null.probes.clear();
  null.skew.reset();
  null.history = nullptr;
  null.idempotency = nullptr;
  null.baseline = nullptr;
  null.effects = {};
  null.checks = {};
  null.phases = {};
  null.detector_settings.clear();
  null.max_rate.reset();
  null.preflight = false;
  return null;
}

}  // namespace squall::app
