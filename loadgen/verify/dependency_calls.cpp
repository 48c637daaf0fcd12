#include "loadgen/verify/dependency_calls.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::verify {
namespace {

bool changes_something(const std::string& method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

// By RFC 9110, section 9.2.2, doing it again changes nothing.
bool may_be_repeated(const std::string& method) {
  return method == "PUT" || method == "DELETE";
}

}  // namespace

void DependencyCalls::add(const model::TakenExchanges& taken) {
  for (const model::ProxyExchange& exchange : taken.exchanges) {
    if (!changes_something(exchange.method)) {
      continue;
    }
    Calls& calls = calls_[{exchange.proxy, exchange.method, exchange.path}];
    ++calls.made;
    if (exchange.key != 0) {
      calls.keys.insert(exchange.key);
    } else {
      ++calls.without_key;
      calls.done_without_key += exchange.executed ? 1U : 0U;
    }
  }
}

bool DependencyCalls::covers(const DependencyCalls& other) const {
  return std::all_of(other.calls_.begin(), other.calls_.end(), [&](const auto& one) {
    const auto found = calls_.find(one.first);
    return found != calls_.end() && found->second.made >= one.second.made;
  });
}

void DependencyCalls::judge_against(const DependencyCalls& undisturbed, Trial& trial) const {
  for (const auto& [route, calls] : calls_) {
    const auto& [proxy, method, path] = route;
    const auto found = undisturbed.calls_.find(route);
    if (found == undisturbed.calls_.end()) {
      continue;  // compensation, a question after the failure: nothing to hold it against
    }
    const Calls& usual = found->second;
    const std::string call = printable(fmt::format("{} {} at {}", method, path, proxy));
    if (calls.keys.size() > usual.keys.size()) {
      trial.fails(model::PropertyHarm::kEffects,
                  fmt::format("{} was called under {} keys where one operation has {}: tries are "
                              "not known as the same",
                              call, calls.keys.size(), usual.keys.size()));
    } else if (calls.done_without_key > usual.done_without_key && !may_be_repeated(method)) {
      trial.fails(model::PropertyHarm::kEffects,
                  fmt::format("{} was done {} times without a key where one operation has {}", call,
                              calls.done_without_key, usual.done_without_key));
    } else if (calls.without_key > 0 && !may_be_repeated(method)) {
      trial.warns(fmt::format("{} is called without an idempotency key", call));
    }
  }
}

}  // namespace squall::verify
