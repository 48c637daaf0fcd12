#include "loadgen/run/dependency_collector.hpp"

#include <algorithm>
#include <limits>

namespace squall::run {
namespace {

using model::AttemptClass;
using model::ProxyExchange;

constexpr std::uint64_t kMostTraced = 1'000'000;  // 32 bytes each
// An exchange is told of when it is over; percentiles of a second wait that long for its last ones.
constexpr std::int64_t kOpenSeconds = 15;

bool was_answered(const ProxyExchange& exchange) {
  return exchange.status != 0 && exchange.last_byte && !exchange.caller_left;
}

AttemptClass class_of(const ProxyExchange& exchange) {
  constexpr int kFirstClientError = 400;
  constexpr int kFirstServerError = 500;
  if (!was_answered(exchange)) {
    return AttemptClass::kClosed;
  }
  return exchange.status < kFirstClientError   ? AttemptClass::kSuccess
         : exchange.status < kFirstServerError ? AttemptClass::kClientError
                                               : AttemptClass::kServerError;
}

std::int64_t microseconds_of(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

DependencyCollector::DependencyCollector(const std::vector<std::string>& proxies, TimePoint zero,
                                         const model::PhaseBounds& bounds)
    : names_(proxies), zero_(zero), bounds_(bounds), proxies_(proxies.size()) {}

void DependencyCollector::add(const model::TakenExchanges& taken) {
  lost_ += taken.lost;
  for (const ProxyExchange& exchange : taken.exchanges) {
    add(exchange);
  }
}

void DependencyCollector::add(const ProxyExchange& exchange) {
  const auto name = std::find(names_.begin(), names_.end(), exchange.proxy);
  const Duration began = exchange.began - zero_;
  if (name == names_.end() || began < Duration::zero()) {
    return;
  }
  Proxy& proxy = proxies_[static_cast<std::size_t>(name - names_.begin())];
  const std::int64_t number = std::chrono::floor<std::chrono::seconds>(began).count();
  const model::Phase phase_name = bounds_.phase_at(began);
  model::DependencySecond& second = proxy.seconds[number];
  model::DependencyPhase& phase = proxy.phases[phase_name];
  const auto how = static_cast<std::size_t>(class_of(exchange));
  second.second = number;
  ++second.calls;
  ++phase.calls;
  ++second.classes.at(how);
  ++phase.classes.at(how);
  second.arrived += exchange.asked ? 1U : 0U;
  phase.arrived += exchange.asked ? 1U : 0U;
  second.executed += exchange.executed ? 1U : 0U;
  phase.executed += exchange.executed ? 1U : 0U;
  phase.faulted += exchange.faults.empty() ? 0U : 1U;
  if (was_answered(exchange)) {
    phase.latency.record(microseconds_of(*exchange.last_byte));
    proxy.open[number].record(microseconds_of(*exchange.last_byte));
    close_seconds(proxy, number - kOpenSeconds);
  }
  if (exchange.trace != 0 && kept_ < kMostTraced) {
    ++kept_;
    proxy.traced[phase_name].push_back(
        {exchange.trace, exchange.caller_span, began, began + exchange.ended});
  }
}

void DependencyCollector::close_seconds(Proxy& proxy, std::int64_t before) {
  while (!proxy.open.empty() && proxy.open.begin()->first < before) {
    const auto& [number, latency] = *proxy.open.begin();
    model::DependencySecond& second = proxy.seconds[number];
    // What comes later still finds the second closed: its percentiles stay those of nearly all.
    if (second.latency_p50_us < 0) {
      second.latency_p50_us = latency.value_at_percentile(50);
      second.latency_p99_us = latency.value_at_percentile(99);
    }
    proxy.open.erase(proxy.open.begin());
  }
}

void DependencyCollector::add_traces(std::vector<Call> calls, model::DependencyPhase& phase) {
  std::sort(calls.begin(), calls.end());
  for (std::size_t from = 0; from < calls.size();) {
    std::size_t to = from;
    while (to < calls.size() && calls[to].trace == calls[from].trace) {
      ++to;
    }
    const std::size_t count = to - from;
    ++phase.traces.at(std::min(count, model::kMaxCallsOfTrace) - 1);
    for (std::size_t i = from; i + 1 < to; ++i) {
      const Call& call = calls[i];
      const Call& next = calls[i + 1];
      const Duration gap = next.began - call.ended;
      if (gap < Duration::zero()) {
        ++phase.overlapping;
        const bool inside = next.ended <= call.ended;
        phase.nested += inside && next.caller_span != call.caller_span ? 1U : 0U;
      } else if (i - from < phase.gaps.size()) {
        phase.gaps[i - from].record(microseconds_of(gap));
      }
    }
    from = to;
  }
}

model::DependencyView DependencyCollector::view() const {
  model::DependencyView view;
  view.lost = lost_;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    Proxy proxy = proxies_[i];
    close_seconds(proxy, std::numeric_limits<std::int64_t>::max());
    model::DependencyProxy made;
    made.name = names_[i];
    made.phases = std::move(proxy.phases);
    for (auto& [phase, calls] : proxy.traced) {
      add_traces(std::move(calls), made.phases[phase]);
    }
    for (const auto& [number, second] : proxy.seconds) {
      made.seconds.push_back(second);
    }
    view.proxies.push_back(std::move(made));
  }
  return view;
}

}  // namespace squall::run
