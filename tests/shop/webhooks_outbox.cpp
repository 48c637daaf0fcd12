// Outbox: the event is a row that is committed with the payment, so there is none without the
// other. Workers deliver rows that are due until they are acknowledged, and wait longer after each
// failure.
//
//   due ──► taken (due again when the worker has died) ──► acknowledged: the row goes
//    ▲                                                 └─► failed: due after a longer wait ─┐
//    └──────────────────────────────────────────────────────────────────────────────────────┘
//
// Replicas share the rows. An event may be delivered twice, when a worker dies after the delivery;
// the receiver knows it by its id.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/shop/claims.hpp"
#include "tests/shop/webhooks.hpp"

namespace squall::shop {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kWorkers = 4;
// Longer than an attempt takes: connecting and waiting for the answer have two seconds each.
constexpr std::int64_t kTakenMs = 6000;
constexpr std::int64_t kFirstBackoffMs = 100;
constexpr std::int64_t kLongestBackoffMs = 5000;
// Rows that other replicas left are looked for at least so often.
constexpr std::int64_t kLookAgainMs = 1000;

struct Delivery {
  WebhookEvent event;
  std::int64_t attempts = 0;  // this one included
};

class WebhookOutbox final : public Webhooks {
 public:
  WebhookOutbox(std::unique_ptr<WebhookSender> sender, WebhookDeps deps)
      : sender_(std::move(sender)), deps_(deps) {
    for (unsigned i = 0; i < kWorkers; ++i) {
      workers_.emplace_back([this] { work(); });
    }
  }
  ~WebhookOutbox() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) {
      worker.join();
    }
  }
  WebhookOutbox(const WebhookOutbox&) = delete;
  WebhookOutbox& operator=(const WebhookOutbox&) = delete;

  Result<void> record(Connection& writer, const Effect& payment, const Trace& trace) override;
  void announce(const Effect&, const Trace&) override {
    {
      const std::lock_guard lock(mutex_);
      ++news_;
    }
    changed_.notify_one();
  }

 private:
  void work();
  // Empty when nothing is due, or another worker was quicker.
  [[nodiscard]] Result<std::optional<Delivery>> take();
  [[nodiscard]] Result<void> deliver(const Delivery& delivery);
  [[nodiscard]] milliseconds until_next();

  std::unique_ptr<WebhookSender> sender_;
  WebhookDeps deps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t news_ = 0;
  bool ending_ = false;
  std::vector<std::thread> workers_;
};

Result<void> WebhookOutbox::record(Connection& writer, const Effect& payment, const Trace& trace) {
  const WebhookEvent event = event_of(payment, trace);
  return writer
      .prepare(
          "INSERT INTO deliveries(event, body, traceparent, attempts, due_ms) "
          "VALUES(?, ?, ?, 0, ?) ON CONFLICT(event) DO NOTHING")
      .bind(event.id)
      .bind(event.body)
      .bind(event.traceparent)
      .bind(wall_clock_ms())
      .run();
}

void WebhookOutbox::work() {
  while (true) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      if (ending_) {
        return;
      }
      seen = news_;
    }
    const Result<std::optional<Delivery>> taken = take();
    const Result<void> done = taken && *taken ? deliver(**taken)
                              : taken         ? Result<void>()
                                              : fail(taken.error());
    if (!done) {
      deps_.metrics.database_error();
      deps_.log.error("database error", nullptr, {{"error", done.error().message}});
    }
    if (!taken || !*taken) {
      const milliseconds wait = taken ? until_next() : milliseconds(kLookAgainMs);
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, wait, [&] { return ending_ || news_ != seen; });
    }
  }
}

Result<std::optional<Delivery>> WebhookOutbox::take() {
  Delivery delivery;
  std::int64_t due = 0;
  {
    const Database::ReadLease reader = deps_.database.read();
    Statement statement = reader->prepare(
        "SELECT event, body, traceparent, attempts, due_ms FROM deliveries WHERE due_ms <= ? "
        "ORDER BY due_ms LIMIT 1");
    const Result<bool> row = statement.bind(wall_clock_ms()).step();
    if (!row) {
      return fail(row.error());
    }
    if (!*row) {
      return std::nullopt;
    }
    delivery = {{statement.text(0), statement.text(1), statement.text(2)},
                statement.integer(3) + 1};
    due = statement.integer(4);
  }
  const Database::WriteLease writer = deps_.database.write();
  return writer
      ->prepare("UPDATE deliveries SET due_ms = ?, attempts = ? WHERE event = ? AND due_ms = ?")
      .bind(wall_clock_ms() + kTakenMs)
      .bind(delivery.attempts)
      .bind(delivery.event.id)
      .bind(due)
      .run()
      .map([&] { return writer->changes() == 1 ? std::optional(delivery) : std::nullopt; });
}

Result<void> WebhookOutbox::deliver(const Delivery& delivery) {
  const bool acknowledged = sender_->send(delivery.event);
  const Database::WriteLease writer = deps_.database.write();
  if (acknowledged) {
    return writer->prepare("DELETE FROM deliveries WHERE event = ?").bind(delivery.event.id).run();
  }
  const std::int64_t doublings = std::min<std::int64_t>(delivery.attempts - 1, 10);
  const std::int64_t backoff = std::min(kFirstBackoffMs << doublings, kLongestBackoffMs);
  return writer->prepare("UPDATE deliveries SET due_ms = ? WHERE event = ? AND attempts = ?")
      .bind(wall_clock_ms() + backoff)
      .bind(delivery.event.id)
      .bind(delivery.attempts)
      .run();
}

milliseconds WebhookOutbox::until_next() {
  const Database::ReadLease reader = deps_.database.read();
  Statement statement = reader->prepare("SELECT due_ms FROM deliveries ORDER BY due_ms LIMIT 1");
  const Result<bool> row = statement.step();
  const std::int64_t wait = row && *row ? statement.integer(0) - wall_clock_ms() : kLookAgainMs;
  return milliseconds(std::clamp<std::int64_t>(wait, 1, kLookAgainMs));
}

}  // namespace

std::unique_ptr<Webhooks> make_webhook_outbox(std::unique_ptr<WebhookSender> sender,
                                              WebhookDeps deps) {
  return std::make_unique<WebhookOutbox>(std::move(sender), deps);
}

}  // namespace squall::shop
