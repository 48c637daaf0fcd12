// Exchanges that wait for a connection, first come, first served.
#pragma once

#include <cstddef>
#include <vector>

#include "loadgen/base/check.hpp"
#include "loadgen/engine/exchange.hpp"

namespace squall::engine {

// A ring that grows; borrows its exchanges. One thread. Allocates only when it is longer than ever
// before.
class WaitingQueue {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  void push_back(Exchange& exchange) {
    grow_if_full();
    ring_[(first_ + size_) & (ring_.size() - 1)] = &exchange;
    ++size_;
  }
  // Back to the head of the queue, for one that was popped and found no connection after all.
  void push_front(Exchange& exchange) {
    grow_if_full();
    first_ = (first_ + ring_.size() - 1) & (ring_.size() - 1);
    ring_[first_] = &exchange;
    ++size_;
  }
  // REQUIRES: not empty.
  Exchange& pop_front() {
    SQUALL_CHECK(size_ > 0);
    Exchange& exchange = *ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --size_;
    return exchange;
  }

 private:
  static constexpr std::size_t kFirstCapacity = 64;  // a power of two, as all that follow

  void grow_if_full() {
    if (size_ < ring_.size()) {
      return;
    }
    std::vector<Exchange*> larger(ring_.empty() ? kFirstCapacity : ring_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) {
      larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    }
    ring_.swap(larger);
    first_ = 0;
  }

  std::vector<Exchange*> ring_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace squall::engine
