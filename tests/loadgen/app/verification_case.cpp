#include "tests/loadgen/app/verification_case.hpp"

#include <stdexcept>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "faults/process/free_port.hpp"
#include "faults/process/guardian.hpp"
#include "loadgen/run/oracle_context.hpp"
#include "tests/support/all_registries.hpp"

namespace squall::app::testing {
namespace {

std::string text_of_plan(const ShopPlan& wanted) {
  return fmt::format(
      R"(format = 1
name = "payments"
seed = 7
[[service]]
name = "psp"
command = ["squall-shop", "psp", "--port", "{{{{port.psp}}}}", "--answer-time", "{answer_time}",
           "--log", "errors"{psp_options}]
ready = "GET http://127.0.0.1:{{{{port.psp}}}}/readyz"
[[service]]
name = "shop"
command = ["squall-shop", "shop", "--port", "{{{{port.shop}}}}", "--psp", "http://{{{{proxy.psp}}}}",
           "--payments", "{payments}", "--log", "errors", "--psp-timeout", "300ms"{shop_options}]
ready = "GET http://127.0.0.1:{{{{port.shop}}}}/readyz"
{shop_keys}
[[proxy]]
name = "psp"
upstream = "127.0.0.1:{{{{port.psp}}}}"
mode = "http"
{proxies}
[[target]]
name = "shop"
urls = [{urls}]
timeout = "5s"
[idempotency]
lock_time = "{lock_time}"
{idempotency}
  [idempotency.operation]
  request = "POST /payments"
  json = {{ order = "o1", amount = 1999, token = "{{{{token}}}}" }}
  [idempotency.read]
  request = "GET /payments/{{{{id}}}}"
  [idempotency.update]
  request = "PUT /payments/{{{{id}}}}/memo"
  json = {{ memo = "{{{{value}}}}" }}
  [idempotency.remove]
  request = "DELETE /payments/{{{{id}}}}"
[effects]
settle = "30ms"
[[effects.oracle]]
kind = "http"
name = "ledger"
request = "GET /ledger"
items = "/effects"
key = "/token"
[[effects.oracle]]
kind = "http"
name = "provider"
request = "GET http://127.0.0.1:{{{{port.psp}}}}/ledger"
items = "/effects"
key = "/token"
)",
      fmt::arg("payments", wanted.payments), fmt::arg("shop_options", wanted.shop_options),
      fmt::arg("shop_keys", wanted.shop_keys), fmt::arg("urls", wanted.urls),
      fmt::arg("idempotency", wanted.idempotency), fmt::arg("psp_options", wanted.psp_options),
      fmt::arg("answer_time", wanted.answer_time), fmt::arg("lock_time", wanted.lock_time),
      fmt::arg("proxies", wanted.proxies));
}

std::shared_ptr<const model::Plan> load(const std::string& text, const std::string& scratch) {
  plan::LoadOptions options;
  options.run_id = "verification";
  options.environment = [](const std::string&) { return std::nullopt; };
  options.free_port = faults::free_port;
  options.entropy = [] { return std::uint64_t{1}; };
  options.scratch = scratch;
  const plan::Loaded loaded =
      plan::load(text, "payments.toml", test::all_registries().for_plans(), options);
  for (const Diagnostic& one : loaded.diagnostics.sorted()) {
    ADD_FAILURE() << to_string(one.where) << ": " << one.message;
  }
  return loaded.plan;
}

const verify::PropertyRegistry& properties() {
  static const verify::PropertyRegistry kProperties = [] {
    verify::PropertyRegistry registry;
    verify::register_property_kinds(registry);
    return registry;
  }();
  return kProperties;
}

}  // namespace

RunningShop::RunningShop(const ShopPlan& wanted)
    : plan_(load(text_of_plan(wanted), directory_ / "scratch-")) {
  if (plan_ == nullptr) {
    throw std::runtime_error("the plan cannot be loaded");
  }
  start();
}

RunningShop::~RunningShop() {
  world_.reset();
  for (const faults::ServiceEvent& event : services_->stop_all()) {
    ADD_FAILURE() << event.text;
  }
}

void RunningShop::start() {
  for (const model::OracleSpec& oracle : plan_->effects.oracles) {
    ASSERT_TRUE(oracle.oracle->start(run::oracle_context(*plan_, "payments.toml")));
  }
  proxies_ = std::make_unique<faults::PlannedProxies>(*plan_, test::all_registries().toxics);
  services_ = std::make_unique<faults::Services>(
      faults::ServiceOptions{.log_directory = directory_ / "services",
                             .program_directory = {},
                             .guardian_program = {},
                             .stop_requested = [] { return false; },
                             .working_directory = directory_.path()});
  world_ = std::make_unique<VerificationWorld>(*plan_, *proxies_, *services_);
  const auto proxies = proxies_->start();
  ASSERT_TRUE(proxies) << to_string(proxies.error());
  const auto services = services_->start_all(plan_->services);
  ASSERT_TRUE(services) << to_string(services.error());
}

void RunningShop::verify(std::set<unsigned> wanted, unsigned rounds) {
  auto verified = verify::verify({.plan = *plan_,
                                  .properties = properties(),
                                  .world = *world_,
                                  .stop = stop_,
                                  .progress = [](std::string_view) {},
                                  .result = [](const auto&, const auto&) {}},
                                 {.only = std::move(wanted), .rounds = rounds});
  ASSERT_TRUE(verified) << to_string(verified.error());
  EXPECT_EQ(verified->report.oracle_problem, "");
  verified_ = std::move(*verified);
}

const model::PropertyResult& RunningShop::property(unsigned number) const {
  for (const model::PropertyResult& one : verified_->report.properties) {
    if (one.number == number) {
      return one;
    }
  }
  throw std::runtime_error("no such property");
}

std::string text_of(const model::PropertyResult& result) {
  std::string text = fmt::format("{} {}: {}: {} {}\n", result.number, result.title,
                                 model::to_string(result.verdict), result.summary, result.needs);
  for (const std::string& line : result.evidence) {
    text += "  " + line + "\n";
  }
  for (const model::PropertyCase& one : result.cases) {
    text += "  case: " + one.problem + "\n";
    for (const model::PropertyAct& act : one.acts) {
      text += fmt::format("    {} {}\n", act.at.count(), act.text);
    }
    for (const model::PropertyRequest& request : one.requests) {
      text += fmt::format("    {} {} {} {} {}\n", request.at.count(), request.how, request.status,
                          request.what, request.answer);
    }
  }
  return text;
}

}  // namespace squall::app::testing

int main(int argc, char** argv) {
  if (const std::optional<int> code = squall::faults::run_as_guardian(argc, argv)) {
    return *code;
  }
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
