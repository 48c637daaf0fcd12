// Fire and forget: events wait in memory for threads that try to deliver them a few times. What is
// queued when the program ends is lost, and so is what the receiver never took, and what finds the
// queue full (10,000); all of them are logged.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tests/shop/webhooks.hpp"

namespace squall::shop {
namespace {

constexpr std::size_t kQueueLimit = 10'000;
constexpr unsigned kWorkers = 16;
constexpr Duration kFirstBackoff = std::chrono::milliseconds(100);

class FiredWebhooks final : public Webhooks {
 public:
  FiredWebhooks(std::unique_ptr<WebhookSender> sender, unsigned attempts, WebhookDeps deps);
  ~FiredWebhooks() override;

  Result<void> record(Connection&, const Effect&, const Trace&) override { return {}; }
  void announce(const Effect& payment, const Trace& trace) override;

 private:
  void work();
  void deliver(const WebhookEvent& event);

  std::unique_ptr<WebhookSender> sender_;
  unsigned attempts_;
  WebhookDeps deps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<WebhookEvent> queue_;
  bool ending_ = false;
  std::vector<std::thread> workers_;
};

FiredWebhooks::FiredWebhooks(std::unique_ptr<WebhookSender> sender, unsigned attempts,
                             WebhookDeps deps)
    : sender_(std::move(sender)), attempts_(attempts), deps_(deps) {
  for (unsigned i = 0; i < kWorkers; ++i) {
    workers_.emplace_back([this] { work(); });
  }
}

FiredWebhooks::~FiredWebhooks() {
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

void FiredWebhooks::announce(const Effect& payment, const Trace& trace) {
  WebhookEvent event = event_of(payment, trace);
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < kQueueLimit) {
      queue_.push_back(std::move(event));
      changed_.notify_one();
      return;
    }
  }
  deps_.metrics.call("webhook", "dropped", Duration::zero());
  deps_.log.error("webhook dropped: the queue is full", &trace, {{"webhook", event.id}});
}

void FiredWebhooks::work() {
  while (true) {
    WebhookEvent event;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) {
        return;
      }
      event = std::move(queue_.front());
      queue_.pop_front();
    }
    deliver(event);
  }
}

void FiredWebhooks::deliver(const WebhookEvent& event) {
  Duration backoff = kFirstBackoff;
  for (unsigned i = 0; i < attempts_; ++i, backoff *= 2) {
    if (i > 0 && !deps_.stop.let_pass(backoff)) {
      break;
    }
    if (sender_->send(event)) {
      return;
    }
  }
  deps_.log.error("webhook not delivered", nullptr, {{"webhook", event.id}});
}

}  // namespace

std::unique_ptr<Webhooks> make_fired_webhooks(std::unique_ptr<WebhookSender> sender,
                                              unsigned attempts, WebhookDeps deps) {
  return std::make_unique<FiredWebhooks>(std::move(sender), attempts, deps);
}

}  // namespace squall::shop
