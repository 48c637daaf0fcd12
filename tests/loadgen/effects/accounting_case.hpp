// A small plan with one effect step, made by hand.
#pragma once

#include <string>

#include "loadgen/model/plan.hpp"

namespace squall::effects {

inline expr::Template text(std::string_view source) {
  return expr::Template::parse(source, {.extracted = {"session"}}).value();
}

// "buy.charge": POST /payments with a JSON body and the key in a header; "buy.browse" has no
// effect.
inline model::Plan payment_plan() {
  model::Plan plan;
  plan.seed = 7;
  plan.run_id = "r1";
  model::Target target;
  target.replicas.push_back(
      {.scheme = "http", .host = "127.0.0.1", .port = 8080, .base_path = "/v1"});
  target.headers = {{"Authorization", text("Bearer t0p'secret")}, {"X-Team", text("shop")}};
  plan.targets.push_back(std::move(target));
  model::Scenario scenario;
  scenario.name = "buy";
  scenario.steps = {0, 1};
  scenario.extracted = {"session"};
  plan.scenarios.push_back(std::move(scenario));
  model::Step browse;
  browse.name = "browse";
  browse.full_name = "buy.browse";
  browse.request.method = "GET";
  browse.request.path = text("/items?page={{seq}}");
  plan.steps.push_back(std::move(browse));
  model::Step charge;
  charge.name = "charge";
  charge.full_name = "buy.charge";
  charge.index = 1;
  charge.request.method = "POST";
  charge.request.path = text("/payments");
  charge.request.headers = {
      {"Idempotency-Key", text("{{key}}")}, {"x-team", text("")}, {"Date", text("{{now | http}}")}};
  charge.request.body = text(R"({"order":{{seq}},"session":"{{session}}"})");
  charge.request.json = true;
  charge.is_effect = true;
  charge.effect_key = text("{{key}}");
  plan.steps.push_back(std::move(charge));
  plan.secrets = {"t0p'secret"};
  plan.effective_text = "headers = { Authorization = \"Bearer ${env:TOKEN}\" }";
  plan.effects.settle = std::chrono::seconds(1);
  plan.effects.settle_timeout = std::chrono::seconds(5);
  return plan;
}

}  // namespace squall::effects
