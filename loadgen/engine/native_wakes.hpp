// Instants at which a scripted exchange goes on: a heap, because holds and delays come in any
// length.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/native_timeouts.hpp"

namespace squall::engine {

// Either for a connection (valid while that token of it is still this one) or for an exchange that
// has none yet.
struct Wake {
  enum class For : std::uint8_t { kSender, kReader };
  TimePoint at{};
  std::uint64_t order = 0;  // equal instants go in the order of their addition
  Connection* connection = nullptr;
  std::uint32_t token = 0;
  Exchange* exchange = nullptr;
  For side = For::kSender;
};

// Borrows what it points to. One thread. What became invalid is not taken out: whoever pops it
// looks at the token.
class WakeHeap {
 public:
  void add(TimePoint at, Connection& connection, std::uint32_t token,
           Wake::For side = Wake::For::kSender) {
    push({at, next_order_++, &connection, token, nullptr, side});
  }
  void add(TimePoint at, Exchange& exchange) {
    push({at, next_order_++, nullptr, 0, &exchange, Wake::For::kSender});
  }
  [[nodiscard]] bool due(TimePoint now) const { return !heap_.empty() && heap_.front().at <= now; }
  // REQUIRES: not empty.
  Wake pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Wake wake = heap_.back();
    heap_.pop_back();
    return wake;
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  // kNever when there is none.
  [[nodiscard]] TimePoint next() const { return heap_.empty() ? kNever : heap_.front().at; }

 private:
  static bool later(const Wake& a, const Wake& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
  void push(const Wake& wake) {
    heap_.push_back(wake);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  std::vector<Wake> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace squall::engine
