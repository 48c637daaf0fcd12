#include "loadgen/app/verification_world.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/error.hpp"

namespace squall::app {
namespace {

using faults::Direction;
using faults::ToxicSettings;

constexpr Duration kKillPatience = std::chrono::seconds(5);
constexpr std::int64_t kUnavailableStatus = 503;

expr::Value table_of(expr::Table table) {
  return {std::move(table), {}};
}

ToxicSettings toxic(std::string type, Direction direction, expr::Table attributes = {}) {
  ToxicSettings settings;
  settings.name = fmt::format("verification_{}_{}", type,
                              direction == Direction::kUpstream ? "upstream" : "downstream");
  settings.type = std::move(type);
  settings.direction = direction;
  settings.attributes = table_of(std::move(attributes));
  return settings;
}

}  // namespace

VerificationWorld::VerificationWorld(const model::Plan& plan, faults::PlannedProxies& proxies,
                                     model::ServiceControl& services)
    : plan_(plan), proxies_(proxies), services_(services) {}

// What cannot be undone now ends with the run's processes and proxies.
VerificationWorld::~VerificationWorld() {
  for (const model::ProxyPlan& proxy : plan_.proxies) {
    static_cast<void>(heal(proxy.name));
  }
  for (const auto& [label, ahead] : clock_ahead_) {
    if (ahead) {
      static_cast<void>(services_.restore_clock(label));
    }
  }
}

Result<const model::ProxyPlan*> VerificationWorld::proxy_named(const std::string& name) const {
  const auto found =
      std::find_if(plan_.proxies.begin(), plan_.proxies.end(),
                   [&](const model::ProxyPlan& proxy) { return proxy.name == name; });
  if (found == plan_.proxies.end()) {
    return squall::fail(ErrorCode::kNotFound, fmt::format("the plan has no [[proxy]] {}", name));
  }
  return &*found;
}

Result<std::vector<std::string>> VerificationWorld::labels_of(const std::string& service) const {
  std::vector<std::string> labels;
  for (const model::Service& one : plan_.services) {
    if (one.name == service) {
      labels.push_back(one.label());
    }
  }
  if (labels.empty()) {
    return squall::fail(ErrorCode::kNotFound,
                        fmt::format("the plan has no [[service]] {}", service));
  }
  return labels;
}

Result<void> VerificationWorld::replace(const std::string& proxy,
                                        const std::vector<ToxicSettings>& toxics) {
  if (auto healed = heal(proxy); !healed) {
    return healed;
  }
  for (const ToxicSettings& settings : toxics) {
    if (auto put = proxies_.put_on(proxy, settings); !put) {
      static_cast<void>(heal(proxy));
      return put;
    }
    toxics_[proxy].push_back(settings.name);
  }
  return {};
}

Result<void> VerificationWorld::slow(const std::string& proxy, Duration delay) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(delay).count();
  return replace(proxy, {toxic("latency", Direction::kDownstream,
                               {{"latency", {}, {std::int64_t{milliseconds}, {}}}})});
}

Result<void> VerificationWorld::fail(const std::string& proxy) {
  return proxy_named(proxy).and_then([&](const model::ProxyPlan* plan) {
    if (plan->mode == model::ProxyMode::kHttp) {
      return replace(proxy, {toxic("http_status", Direction::kUpstream,
                                   {{"status", {}, {kUnavailableStatus, {}}}})});
    }
    // Held back and reset with its first byte: nothing of a call comes to the upstream.
    return replace(proxy, {toxic("reset_peer", Direction::kUpstream)});
  });
}

Result<void> VerificationWorld::lose_answers(const std::string& proxy) {
  return proxy_named(proxy).and_then([&](const model::ProxyPlan* plan) {
    if (plan->mode == model::ProxyMode::kHttp) {
      return replace(proxy, {toxic("http_abort", Direction::kUpstream,
                                   {{"at", {}, {std::string("after"), {}}},
                                    {"close", {}, {std::string("reset"), {}}}})});
    }
    // The first byte of an answer resets both sides: calls have arrived by then.
    return replace(proxy, {toxic("reset_peer", Direction::kDownstream)});
  });
}

Result<void> VerificationWorld::blackhole(const std::string& proxy) {
  return replace(proxy, {toxic("blackhole", Direction::kUpstream),
                         toxic("blackhole", Direction::kDownstream)});
}

Result<void> VerificationWorld::heal(const std::string& proxy) {
  const auto found = toxics_.find(proxy);
  if (found == toxics_.end()) {
    return {};
  }
  Result<void> healed;
  for (const std::string& name : std::exchange(found->second, {})) {
    if (auto taken = proxies_.take_off(proxy, name); !taken) {
      healed = squall::fail(taken.error());
    }
  }
  return healed;
}

std::optional<std::uint64_t> VerificationWorld::touched(const std::string& proxy) {
  const auto found = toxics_.find(proxy);
  if (found == toxics_.end() || found->second.empty()) {
    return std::nullopt;
  }
  std::uint64_t fired = 0;
  for (const std::string& name : found->second) {
    const auto counters = proxies_.counters_of(proxy, name);
    if (!counters) {
      return std::nullopt;
    }
    fired += counters->fired;
  }
  return fired;
}

model::TakenExchanges VerificationWorld::take_exchanges() {
  return proxies_.take_exchanges();
}

Result<void> VerificationWorld::kill(const std::string& service) {
  const auto labels = labels_of(service);
  if (!labels) {
    return squall::fail(labels.error());
  }
  // All of them at once, then wait: a replica must not live on while another one is waited for.
  for (const std::string& label : *labels) {
    if (auto sent = services_.signal(label, SIGKILL, model::ExitIs::kPlanned); !sent) {
      return sent;
    }
  }
  for (const std::string& label : *labels) {
    if (auto stopped = services_.stop(label, SIGKILL, kKillPatience); !stopped) {
      return stopped;
    }
  }
  return {};
}

Result<void> VerificationWorld::start(const std::string& service) {
  const auto labels = labels_of(service);
  if (!labels) {
    return squall::fail(labels.error());
  }
  for (const std::string& label : *labels) {
    if (services_.is_running(label)) {
      continue;
    }
    if (auto started = services_.start(label); !started) {
      return started;
    }
  }
  return {};
}

Result<void> VerificationWorld::set_clock_ahead(const std::string& service, Duration ahead) {
  const auto labels = labels_of(service);
  if (!labels) {
    return squall::fail(labels.error());
  }
  return ahead == Duration::zero() ? restore_clocks(*labels) : move_clocks(*labels, ahead);
}

Result<void> VerificationWorld::move_clocks(const std::vector<std::string>& labels,
                                            Duration ahead) {
  for (const std::string& label : labels) {
    model::ClockMove move;
    move.to = wall_clock_now() + ahead;
    if (auto moved = services_.move_clock(label, move); !moved) {
      return moved;
    }
    clock_ahead_[label] = true;
  }
  return {};
}

// A replica that nobody asked anything meanwhile did not look at its clock; one that did is enough.
Result<void> VerificationWorld::restore_clocks(const std::vector<std::string>& labels) {
  Result<void> failed;
  bool any = false;
  for (const std::string& label : labels) {
    if (!std::exchange(clock_ahead_[label], false)) {
      continue;
    }
    auto restored = services_.restore_clock(label);
    any = any || restored.has_value();
    failed = restored ? failed : restored;
  }
  return any ? Result<void>() : failed;
}

}  // namespace squall::app
