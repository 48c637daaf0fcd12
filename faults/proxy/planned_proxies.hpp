// The proxies of a plan, and the faults that it puts on them.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "faults/proxy/proxy_server.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/proxy_exchange.hpp"
#include "loadgen/model/proxy_record.hpp"
#include "loadgen/model/timeline_action.hpp"

namespace squall::faults {

// Owns the fault proxy of one run, whose seed is the plan's; without a [[proxy]] there is none and
// nothing happens. Borrows plan and registry, which must outlive it and its actions. Any thread.
class PlannedProxies {
 public:
  PlannedProxies(const model::Plan& plan, const ToxicRegistry& toxics);
  ~PlannedProxies();
  PlannedProxies(const PlannedProxies&) = delete;
  PlannedProxies& operator=(const PlannedProxies&) = delete;

  // Every proxy listens afterwards; nobody is connected to yet. Fails with the name of the first
  // that cannot, at the place of its table. REQUIRES: called once.
  [[nodiscard]] Result<void> start();
  // Closes every port and link. Idempotent.
  void stop();

  // One action for each fault of the plan, in its order: start() puts it on, undo() takes it off.
  // They must not outlive this.
  [[nodiscard]] std::vector<std::shared_ptr<model::TimelineAction>> actions();

  // A toxic beside the plan's faults, for who breaks a proxy in the middle of something else. What
  // take_off() gives is what the toxic has done by then. A toxic that is not there (any more) is a
  // failure, and so is each of these before start() and after stop(). Blocks until it holds.
  [[nodiscard]] Result<void> put_on(const std::string& proxy, const ToxicSettings& toxic);
  [[nodiscard]] Result<ToxicCounters> take_off(const std::string& proxy, const std::string& toxic);
  [[nodiscard]] Result<ToxicCounters> counters_of(const std::string& proxy,
                                                  const std::string& toxic) const;

  // Totals since start(), in the plan's order of proxies; `open_links` is of now.
  [[nodiscard]] std::vector<model::ProxySecond> totals() const;

  // Exchanges of the proxies in HTTP mode that have ended since the last call.
  [[nodiscard]] model::TakenExchanges take_exchanges();

  // What came of the faults, in the plan's order: what is known when each was taken off; of one
  // that is still on or was never put on, nothing.
  [[nodiscard]] std::vector<model::RecordedProxyFault> fault_results() const;

 private:
  class FaultAction;

  const model::Plan& plan_;
  const ToxicRegistry& toxics_;
  std::unique_ptr<ProxyServer> server_;
  mutable std::mutex mutex_;
  std::vector<model::RecordedProxyFault> results_;  // guarded by mutex_
};

}  // namespace squall::faults
