#include "tests/shop/webhooks.hpp"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"

namespace squall::shop {
namespace {

constexpr std::size_t kQueueLimit = 10'000;
constexpr unsigned kWorkers = 16;
constexpr Duration kFirstBackoff = std::chrono::milliseconds(100);

}  // namespace

Webhooks::Webhooks(std::unique_ptr<HttpPool> pool, unsigned attempts, Deps deps)
    : pool_(std::move(pool)), attempts_(attempts), deps_(deps) {
  for (unsigned i = 0; i < kWorkers; ++i) {
    workers_.emplace_back([this] { work(); });
  }
}

Webhooks::~Webhooks() {
  std::size_t lost = 0;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    lost = queue_.size();
    queue_.clear();
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) {
    worker.join();
  }
  if (lost > 0) {
    deps_.log.error("webhooks lost at exit", nullptr, {{"count", static_cast<std::int64_t>(lost)}});
  }
}

void Webhooks::announce(const Effect& payment, const Trace& trace) {
  const std::string id = "evt_" + payment.id();
  const nlohmann::json body = {{"id", id},
                               {"type", "payment.succeeded"},
                               {"payment", payment.id()},
                               {"token", payment.token},
                               {"amount", payment.amount}};
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < kQueueLimit) {
      queue_.push_back({id, body.dump(), trace});
      changed_.notify_one();
      return;
    }
  }
  deps_.metrics.call("webhook", "dropped", Duration::zero());
  deps_.log.error("webhook dropped: the queue is full", &trace, {{"webhook", id}});
}

void Webhooks::work() {
  while (true) {
    Message message;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) {
        return;
      }
      message = std::move(queue_.front());
      queue_.pop_front();
    }
    deliver(message);
  }
}

void Webhooks::deliver(const Message& message) {
  Duration backoff = kFirstBackoff;
  for (unsigned i = 0; i < attempts_; ++i, backoff *= 2) {
    if (i > 0 && !deps_.stop.let_pass(backoff)) {
      break;
    }
    if (attempt(message)) {
      return;
    }
  }
  deps_.log.error("webhook not delivered", &message.trace, {{"webhook", message.id}});
}

bool Webhooks::attempt(const Message& message) {
  const TimePoint start = monotonic_now();
  const Result<PoolAnswer> answer = pool_->post(
      "", {{"traceparent", message.trace.traceparent()}, {"Webhook-Id", message.id}}, message.body);
  const bool delivered = answer && answer->status >= 200 && answer->status < 300;
  deps_.metrics.call("webhook", delivered ? "ok" : (answer ? "refused" : "unreachable"),
                     monotonic_now() - start);
  return delivered;
}

}  // namespace squall::shop
