// Exchanges that are over, until somebody takes them.
#pragma once

#include <cstddef>
#include <utility>

#include "loadgen/model/proxy_exchange.hpp"

namespace squall::faults {

// Bounded: what comes when it is full is counted and dropped. One thread.
class ExchangeLog {
 public:
  explicit ExchangeLog(std::size_t capacity) : capacity_(capacity) {}

  void add(model::ProxyExchange exchange) {
    if (kept_.exchanges.size() < capacity_) {
      kept_.exchanges.push_back(std::move(exchange));
    } else {
      ++kept_.lost;
    }
  }
  [[nodiscard]] model::TakenExchanges take() { return std::exchange(kept_, {}); }

 private:
  std::size_t capacity_;
  model::TakenExchanges kept_;
};

}  // namespace squall::faults
