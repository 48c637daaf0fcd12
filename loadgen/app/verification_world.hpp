// What stands around the target of a verification: the plan's proxies and services.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faults/proxy/planned_proxies.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/service_control.hpp"
#include "loadgen/verify/world.hpp"

namespace squall::app {

// Borrows everything; proxies and services run already. Leaves nothing changed: what is still done
// to a proxy, or to a clock, when it goes is undone; a service that was killed stays so.
class VerificationWorld final : public verify::World {
 public:
  VerificationWorld(const model::Plan& plan, faults::PlannedProxies& proxies,
                    model::ServiceControl& services);
  ~VerificationWorld() override;
  VerificationWorld(const VerificationWorld&) = delete;
  VerificationWorld& operator=(const VerificationWorld&) = delete;

  Result<void> slow(const std::string& proxy, Duration delay) override;
  Result<void> fail(const std::string& proxy) override;
  Result<void> lose_answers(const std::string& proxy) override;
  Result<void> blackhole(const std::string& proxy) override;
  // Fails, too, when what was done to the proxy was no longer there.
  Result<void> heal(const std::string& proxy) override;
  std::optional<std::uint64_t> touched(const std::string& proxy) override;
  model::TakenExchanges take_exchanges() override;

  Result<void> kill(const std::string& service) override;
  Result<void> start(const std::string& service) override;
  Result<void> set_clock_ahead(const std::string& service, Duration ahead) override;

 private:
  [[nodiscard]] Result<const model::ProxyPlan*> proxy_named(const std::string& name) const;
  // Of all its replicas.
  [[nodiscard]] Result<std::vector<std::string>> labels_of(const std::string& service) const;
  Result<void> move_clocks(const std::vector<std::string>& labels, Duration ahead);
  Result<void> restore_clocks(const std::vector<std::string>& labels);
  Result<void> replace(const std::string& proxy, const std::vector<faults::ToxicSettings>& toxics);

  const model::Plan& plan_;
  faults::PlannedProxies& proxies_;
  model::ServiceControl& services_;
  std::map<std::string, std::vector<std::string>> toxics_;  // that are on, by proxy
  std::map<std::string, bool> clock_ahead_;                 // by label
};

}  // namespace squall::app
