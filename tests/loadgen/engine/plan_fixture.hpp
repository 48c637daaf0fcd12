// A small plan made by hand, for tests below the loader.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "loadgen/engine/arrival_rate.hpp"
#include "loadgen/model/plan.hpp"
#include "tests/support/registered_kind.hpp"

namespace squall::test {

inline expr::Template text(std::string_view source, const expr::TemplateNames& names = {}) {
  return expr::Template::parse(source, names).value();
}

// An arrival process of the registry with those keys, in TOML.
inline std::shared_ptr<const model::ArrivalProcess> arrivals_of(std::string_view kind,
                                                                std::string_view keys) {
  const auto& found = registered_kind<model::ArrivalKind>(engine::register_arrivals, kind);
  std::string problems;
  auto process = compile_kind(found, keys, problems);
  EXPECT_EQ(problems, "");
  return process;
}

// One with that rate.
inline std::shared_ptr<const model::ArrivalProcess> arrivals(std::string_view kind,
                                                             std::string_view rate) {
  return arrivals_of(kind, "rate = \"" + std::string(rate) + "\"");
}

// One scenario "s" with one step "get" against 127.0.0.1:`port`.
inline model::Plan one_step_plan(std::uint16_t port = 1) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  model::Plan plan;
  plan.name = "test";
  plan.seed = 5;
  plan.run_id = "r1";
  plan.load.duration = seconds(1);
  plan.load.drain = seconds(1);
  plan.load.max_waiting = 1000;
  plan.limits = {.lag_p99 = milliseconds(10), .started = Share{0.99}, .min_idle_share = 0.02};
  model::Target target;
  target.name = "t";
  target.replicas = {{.scheme = "http", .host = "127.0.0.1", .port = port, .base_path = ""}};
  target.timeout = seconds(2);
  target.connect_timeout = seconds(2);
  target.idle_limit = seconds(4);
  target.max_header = ByteCount{65536};
  target.max_body_kept = ByteCount{1 << 20};
  plan.targets.push_back(target);
  model::Step step;
  step.name = "get";
  step.full_name = "s.get";
  step.request = {.method = "GET", .path = text("/"), .headers = {}, .body = {}, .where = {}};
  step.timeout = seconds(2);
  step.retry.attempts = 1;
  plan.steps.push_back(step);
  model::Scenario scenario;
  scenario.name = "s";
  scenario.arrivals = arrivals("constant", "100/s");
  scenario.steps = {0};
  plan.scenarios.push_back(scenario);
  return plan;
}

}  // namespace squall::test
