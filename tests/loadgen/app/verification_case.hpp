// A verification of squall-shop with everything around it real: processes under a guardian, fault
// proxies, oracles.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "faults/process/services.hpp"
#include "faults/proxy/planned_proxies.hpp"
#include "loadgen/app/verification_world.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/run/stop_signal.hpp"
#include "loadgen/verify/verification.hpp"
#include "tests/support/files.hpp"

namespace squall::app::testing {

// What a plan of a payment API says; parts of its TOML.
struct ShopPlan {
  std::string payments = "atomic";  // --payments
  std::string shop_options;  // TOML strings with a comma before each: `, "--key-window", "1s"`
  std::string shop_keys;     // of its [[service]]
  std::string urls = "\"http://127.0.0.1:{{port.shop}}\"";
  std::string idempotency;          // keys of [idempotency]
  std::string lock_time = "20s";    // that a passing property never waits for
  std::string answer_time = "5ms";  // of the provider
  std::string psp_options;
  std::string proxies;  // further [[proxy]] tables
};

// The plan, loaded; problems fail the test.
class RunningShop {
 public:
  explicit RunningShop(const ShopPlan& wanted);
  ~RunningShop();
  RunningShop(const RunningShop&) = delete;
  RunningShop& operator=(const RunningShop&) = delete;

  [[nodiscard]] const model::Plan& plan() const { return *plan_; }
  [[nodiscard]] VerificationWorld& world() { return *world_; }

  // Those properties, with as few rounds as there can be.
  void verify(std::set<unsigned> properties, unsigned rounds = 1);
  [[nodiscard]] const model::PropertyResult& property(unsigned number) const;
  [[nodiscard]] const verify::Verified& verified() const { return *verified_; }

 private:
  void start();

  test::TestDirectory directory_;
  std::shared_ptr<const model::Plan> plan_;
  std::unique_ptr<faults::PlannedProxies> proxies_;
  std::unique_ptr<faults::Services> services_;
  std::unique_ptr<VerificationWorld> world_;
  run::StopSignal stop_;
  std::optional<verify::Verified> verified_;
};

// What a result says, for messages of tests.
[[nodiscard]] std::string text_of(const model::PropertyResult& result);

}  // namespace squall::app::testing
