#include "faults/proxy/planned_proxies.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/error.hpp"
#include "loadgen/model/proxy_fault_record.hpp"

namespace squall::faults {
namespace {

ProxySettings settings_of(const model::ProxyPlan& proxy) {
  return {.name = proxy.name,
          .listen = proxy.listen,
          .upstream = proxy.upstream,
          .ends = proxy.ends == model::ProxyEnds::kKept ? Ends::kKept : Ends::kCloseBoth,
          .tls = proxy.tls,
          .mode = proxy.mode};
}

ErrorCode code_of(ProxyError::Kind kind) {
  return kind == ProxyError::Kind::kCannotListen ? ErrorCode::kUnavailable
                                                 : ErrorCode::kInvalidArgument;
}

tl::unexpected<Error> not_running(const std::string& proxy) {
  return fail(ErrorCode::kUnavailable, fmt::format("proxy {} is not running", proxy));
}

// What became of the requests that an HTTP fault was decided for, besides that it fired.
std::string evidence_of(const ToxicCounters& counters) {
  std::string text;
  if (counters.executed > 0) {
    text += fmt::format("; the upstream executed {} that were lost or copied", counters.executed);
  }
  if (counters.preempted > 0) {
    text += fmt::format("; {} did not fire", counters.preempted);
    std::vector<std::string> reasons = counters.reasons;
    std::sort(reasons.begin(), reasons.end());
    reasons.erase(std::unique(reasons.begin(), reasons.end()), reasons.end());
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      text += (i == 0 ? ": " : ", ") + reasons[i];
    }
  }
  return text;
}

}  // namespace

// Puts one toxic on its proxy.
class PlannedProxies::FaultAction final : public model::TimelineAction {
 public:
  FaultAction(PlannedProxies& owner, std::size_t index)
      : TimelineAction(model::timeline_slot(owner.plan_.proxy_faults[index])),
        owner_(owner),
        index_(index) {}

  Result<void> start() override {
    const model::PlannedProxyFault& fault = planned();
    const ToxicSettings settings{
        .name = fault.name,
        .type = std::string(fault.kind->name),
        .direction = fault.direction == "upstream" ? Direction::kUpstream : Direction::kDownstream,
        .toxicity = static_cast<float>(fault.share.fraction),
        .attributes = fault.attributes};
    // Links that come in between are counted, too: those that were there before are taken off.
    const auto before = owner_.server_->find(fault.proxy);
    const auto added =
        before ? owner_.server_->add_toxic(fault.proxy, settings) : tl::unexpected(before.error());
    if (!added) {
      return fail(code_of(added.error().kind), added.error().message);
    }
    seen_before_ = before->counters.accepted - before->open_links;
    is_on_ = true;
    return {};
  }

  Result<void> undo() override {
    if (!std::exchange(is_on_, false)) {
      return {};
    }
    const model::PlannedProxyFault& fault = planned();
    const auto proxy = owner_.server_->find(fault.proxy);
    if (proxy) {
      take_counts(*proxy);
    }
    const auto removed = owner_.server_->remove_toxic(fault.proxy, fault.name);
    return removed ? Result<void>() : fail(code_of(removed.error().kind), removed.error().message);
  }

 private:
  [[nodiscard]] const model::PlannedProxyFault& planned() const {
    return owner_.plan_.proxy_faults[index_];
  }

  void take_counts(const ProxyView& proxy) {
    const auto toxic =
        std::find_if(proxy.toxics.begin(), proxy.toxics.end(),
                     [&](const ToxicView& one) { return one.name == planned().name; });
    if (toxic == proxy.toxics.end()) {
      return;
    }
    const std::lock_guard lock(owner_.mutex_);
    model::RecordedProxyFault& result = owner_.results_[index_];
    if (result.of_requests) {
      result.seen = toxic->counters.requests;
      result.planned = toxic->counters.planned;
      result.fired = toxic->counters.fired;
      result.summary = model::recorded(planned()).summary + evidence_of(toxic->counters);
    } else {
      result.seen = proxy.counters.accepted - seen_before_;
      result.planned = toxic->counters.links;
      result.fired = toxic->counters.fired_links;
    }
  }

  PlannedProxies& owner_;
  const std::size_t index_;
  bool is_on_ = false;
  std::uint64_t seen_before_ = 0;  // links that had gone before it was put on
};

PlannedProxies::PlannedProxies(const model::Plan& plan, const ToxicRegistry& toxics)
    : plan_(plan), toxics_(toxics) {
  for (const model::PlannedProxyFault& fault : plan.proxy_faults) {
    results_.push_back(model::recorded(fault));
    const ToxicKind* kind = toxics.find(fault.kind->name);
    // The kernel refuses for a closed port, and nobody sees how often.
    results_.back().counts_nothing =
        results_.back().counts_nothing ||
        (kind != nullptr && kind->traits.refuses && fault.share.fraction >= 1);
  }
}

PlannedProxies::~PlannedProxies() = default;

Result<void> PlannedProxies::start() {
  SQUALL_CHECK(server_ == nullptr);
  if (plan_.proxies.empty()) {
    return {};
  }
  server_ = std::make_unique<ProxyServer>(toxics_, ProxyServer::Options{.seed = plan_.seed});
  for (const model::ProxyPlan& proxy : plan_.proxies) {
    if (const auto made = server_->create(settings_of(proxy)); !made) {
      Error error{code_of(made.error().kind), made.error().message, proxy.where};
      return fail(with_context(std::move(error), "proxy " + proxy.name));
    }
  }
  return {};
}

void PlannedProxies::stop() {
  server_.reset();
}

std::vector<std::shared_ptr<model::TimelineAction>> PlannedProxies::actions() {
  std::vector<std::shared_ptr<model::TimelineAction>> actions;
  for (std::size_t i = 0; i < plan_.proxy_faults.size(); ++i) {
    actions.push_back(std::make_shared<FaultAction>(*this, i));
  }
  return actions;
}

Result<void> PlannedProxies::put_on(const std::string& proxy, const ToxicSettings& toxic) {
  if (server_ == nullptr) {
    return not_running(proxy);
  }
  const auto added = server_->add_toxic(proxy, toxic);
  return added ? Result<void>() : fail(code_of(added.error().kind), added.error().message);
}

Result<ToxicCounters> PlannedProxies::counters_of(const std::string& proxy,
                                                  const std::string& toxic) const {
  if (server_ == nullptr) {
    return not_running(proxy);
  }
  const auto view = server_->find(proxy);
  if (!view) {
    return fail(code_of(view.error().kind), view.error().message);
  }
  const auto found = std::find_if(view->toxics.begin(), view->toxics.end(),
                                  [&](const ToxicView& one) { return one.name == toxic; });
  if (found == view->toxics.end()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("proxy {}: the toxic {} is no longer there", proxy, toxic));
  }
  return found->counters;
}

Result<ToxicCounters> PlannedProxies::take_off(const std::string& proxy, const std::string& toxic) {
  Result<ToxicCounters> counters = counters_of(proxy, toxic);
  if (!counters) {
    return counters;
  }
  const auto removed = server_->remove_toxic(proxy, toxic);
  return removed ? counters : fail(code_of(removed.error().kind), removed.error().message);
}

std::vector<model::ProxySecond> PlannedProxies::totals() const {
  std::vector<model::ProxySecond> totals(plan_.proxies.size());
  if (server_ == nullptr) {
    return totals;
  }
  const std::vector<ProxyView> views = server_->list();
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const auto view = std::find_if(views.begin(), views.end(), [&](const ProxyView& one) {
      return one.settings.name == plan_.proxies[i].name;
    });
    if (view != views.end()) {
      totals[i] = {.accepted = view->counters.accepted,
                   .refused = view->counters.refused,
                   .dial_failures = view->counters.dial_failures,
                   .open_links = view->open_links,
                   .upstream_bytes = view->counters.of(Direction::kUpstream).received_bytes,
                   .downstream_bytes = view->counters.of(Direction::kDownstream).received_bytes};
    }
  }
  return totals;
}

model::TakenExchanges PlannedProxies::take_exchanges() {
  return server_ != nullptr ? server_->take_exchanges() : model::TakenExchanges{};
}

std::vector<model::RecordedProxyFault> PlannedProxies::fault_results() const {
  const std::lock_guard lock(mutex_);
  return results_;
}

}  // namespace squall::faults
