// Tells another system about payments.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/shop/effects.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/stop_flag.hpp"

namespace squall::shop {

// Posts {"id","type":"payment.succeeded","payment","token","amount"} per payment, from threads of
// its own, up to `attempts` times until the receiver answers 2xx; each repeat bears the same
// Webhook-Id, by which a receiver drops duplicates. Fire and forget: what is queued when the
// program ends is lost, and so is what finds the queue full (10,000); both are logged. Borrows log,
// metrics and stop flag; owns the pool. Any thread.
class Webhooks {
 public:
  struct Deps {
    const Log& log;
    Metrics& metrics;
    StopFlag& stop;
  };
  Webhooks(std::unique_ptr<HttpPool> pool, unsigned attempts, Deps deps);
  ~Webhooks();
  Webhooks(const Webhooks&) = delete;
  Webhooks& operator=(const Webhooks&) = delete;

  void announce(const Effect& payment, const Trace& trace);

 private:
  struct Message {
    std::string id;
    std::string body;
    Trace trace;
  };
  void work();
  void deliver(const Message& message);
  [[nodiscard]] bool attempt(const Message& message);

  std::unique_ptr<HttpPool> pool_;
  unsigned attempts_;
  Deps deps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Message> queue_;
  bool ending_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace squall::shop
