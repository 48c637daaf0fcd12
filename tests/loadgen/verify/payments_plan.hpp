// A plan that verifies the payments API of tests/support/payments_api.hpp.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "loadgen/expr/template.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/verify/verification.hpp"
#include "tests/support/payments_api.hpp"

namespace squall::verify {

inline expr::Template made_template(std::string_view text) {
  const expr::TemplateNames names{.extracted = {"token", "id", "value", "event"}};
  auto made = expr::Template::parse(text, names);
  EXPECT_TRUE(made.has_value()) << text;
  return *made;
}

inline model::IdempotencyRequest made_request(std::string method, std::string_view path,
                                              std::string_view body) {
  model::IdempotencyRequest request;
  request.request.method = std::move(method);
  request.request.shown = request.request.method + " " + std::string(path);
  request.request.path = made_template(path);
  if (!body.empty()) {
    request.request.body = made_template(body);
    request.request.json = true;
  }
  request.expect.push_back(
      {.condition = expr::Expectation::StatusRange{200, 299}, .source = "status in 200..299"});
  return request;
}

// Everything that needs no proxy and no service.
inline model::IdempotencyPlan made_idempotency() {
  model::IdempotencyPlan idempotency;
  idempotency.profile_name = "made";
  idempotency.profile.mismatch = model::MismatchMode::kReject;
  idempotency.profile.mismatch_status = {422};
  idempotency.profile.marker = model::ReplayMarker{"Idempotent-Replayed", "true"};
  idempotency.profile.replay = model::ReplayForm::kSame;
  idempotency.profile.required = true;
  idempotency.profile.stores_4xx = false;
  idempotency.profile.by_caller = true;
  idempotency.profile.by_endpoint = true;
  idempotency.operation =
      made_request("POST", "/payments", R"({"amount":1999,"token":"{{token}}"})");
  idempotency.other = made_request("POST", "/refunds", R"({"amount":1999,"token":"{{token}}"})");
  idempotency.read = made_request("GET", "/payments/{{id}}", "");
  auto id = expr::parse_extraction("id", "json /id");
  EXPECT_TRUE(id.has_value());
  idempotency.id = *id;
  idempotency.mutate = model::BodyChange{"/amount", "2999"};
  idempotency.invalid = model::BodyChange{"/amount", "-1"};
  idempotency.callers = {0, 1};
  idempotency.rounds = 12;
  idempotency.barriers = {2, 5};
  idempotency.lock_time = std::chrono::milliseconds(300);
  return idempotency;
}

struct MadePlan {
  std::unique_ptr<PaymentsApi> api;
  model::Plan plan;
};

inline MadePlan made_plan(const Habits& habits,
                          model::IdempotencyPlan idempotency = made_idempotency()) {
  MadePlan made;
  made.api = std::make_unique<PaymentsApi>(habits);
  model::Target target;
  target.name = "api";
  auto endpoint = model::parse_endpoint("http://127.0.0.1:" + std::to_string(made.api->port()));
  EXPECT_TRUE(endpoint.has_value());
  target.replicas = {*endpoint};
  target.timeout = std::chrono::seconds(5);
  target.connect_timeout = std::chrono::seconds(5);
  target.idle_limit = std::chrono::seconds(4);
  target.max_header = ByteCount{64 * 1024};
  target.max_body_kept = ByteCount{64 * 1024};
  made.plan.targets.push_back(std::move(target));
  for (const char* name : {"alice", "bob"}) {
    model::Caller caller;
    caller.name = name;
    caller.headers.emplace_back("Authorization", made_template(std::string("Bearer ") + name));
    made.plan.callers.push_back(std::move(caller));
  }
  made.plan.seed = 7;
  made.plan.run_id = "verify-test";
  made.plan.effects.settle = std::chrono::milliseconds(15);
  made.plan.effects.settle_timeout = std::chrono::seconds(5);
  made.plan.idempotency = std::make_shared<const model::IdempotencyPlan>(std::move(idempotency));
  return made;
}

inline void add_oracle(MadePlan& made, std::shared_ptr<model::Oracle> oracle) {
  model::OracleSpec spec;
  spec.name = "books" + std::to_string(made.plan.effects.oracles.size() + 1);
  static const model::OracleKind kKind{.name = "books", .summary = {}, .example = {}};
  spec.kind = &kKind;
  spec.oracle = std::move(oracle);
  made.plan.effects.oracles.push_back(std::move(spec));
}

template <class OneOracle = BooksOracle>
void add_oracle(MadePlan& made, std::uint64_t factor = 1) {
  add_oracle(made, std::make_shared<OneOracle>(*made.api, factor));
}

// A world without proxies and services.
class NoWorld : public World {
 public:
  Result<void> slow(const std::string&, Duration) override { return none(); }
  Result<void> fail(const std::string&) override { return none(); }
  Result<void> lose_answers(const std::string&) override { return none(); }
  Result<void> blackhole(const std::string&) override { return none(); }
  Result<void> heal(const std::string&) override { return none(); }
  [[nodiscard]] model::TakenExchanges take_exchanges() override { return {}; }
  Result<void> kill(const std::string&) override { return none(); }
  Result<void> start(const std::string&) override { return none(); }
  Result<void> set_clock_ahead(const std::string&, Duration) override { return none(); }

 private:
  static Result<void> none() {
    return squall::fail(ErrorCode::kNotFound, "there is no such thing");
  }
};

// A world with one service, which can be killed and is there again at once.
class CrashingWorld final : public NoWorld {
 public:
  CrashingWorld(std::string service, std::function<void()> crash)
      : service_(std::move(service)), crash_(std::move(crash)) {}
  Result<void> kill(const std::string& service) override {
    EXPECT_EQ(service, service_);
    crash_();
    return {};
  }
  Result<void> start(const std::string& /*service*/) override { return {}; }

 private:
  std::string service_;
  std::function<void()> crash_;
};

struct VerifiedPlan {
  std::optional<Verified> verified;
  std::string problem;

  [[nodiscard]] const model::PropertyResult& property(unsigned number) const {
    for (const model::PropertyResult& one : verified->report.properties) {
      if (one.number == number) {
        return one;
      }
    }
    ADD_FAILURE() << "no property " << number;
    return verified->report.properties.front();
  }
  // Numbers of the properties with that verdict.
  [[nodiscard]] std::set<unsigned> with(model::PropertyVerdict verdict) const {
    std::set<unsigned> numbers;
    for (const model::PropertyResult& one : verified->report.properties) {
      if (one.verdict == verdict) {
        numbers.insert(one.number);
      }
    }
    return numbers;
  }
};

inline const PropertyRegistry& all_properties() {
  static const PropertyRegistry properties = [] {
    PropertyRegistry registry;
    register_property_kinds(registry);
    return registry;
  }();
  return properties;
}

// Borrows everything.
struct Surroundings {
  World& world;
  const run::StopSignal& stop;
  std::function<void(std::string_view)> progress = [](std::string_view) {};
};

inline VerifiedPlan verify_amid(const Surroundings& around, const MadePlan& made,
                                const VerificationOptions& options = {},
                                const PropertyRegistry& properties = all_properties()) {
  auto verified = verify({.plan = made.plan,
                          .properties = properties,
                          .world = around.world,
                          .stop = around.stop,
                          .progress = around.progress,
                          .result = [](const auto&, const auto&) {}},
                         options);
  VerifiedPlan result;
  if (verified) {
    result.verified = std::move(*verified);
  } else {
    result.problem = to_string(verified.error());
  }
  return result;
}

inline VerifiedPlan verify_plan(const MadePlan& made, const VerificationOptions& options = {},
                                const PropertyRegistry& properties = all_properties(),
                                World* world = nullptr) {
  NoWorld none;
  const run::StopSignal stop;
  return verify_amid({.world = world != nullptr ? *world : none, .stop = stop}, made, options,
                     properties);
}

}  // namespace squall::verify
