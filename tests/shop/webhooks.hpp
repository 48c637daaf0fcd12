// Tells another system about payments.
#pragma once

#include <memory>
#include <string>

#include "loadgen/base/result.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/effects.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/stop_flag.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {

enum class WebhookDelivery {
  kFireAndForget,  // after the payment, from memory, a few times
  kOutbox,         // written down with the payment, and delivered until it is acknowledged
};

struct WebhookSettings {
  std::string url = {};  // empty: no webhooks
  WebhookDelivery delivery = WebhookDelivery::kFireAndForget;
  unsigned attempts = 3;    // kFireAndForget: deliveries tried per event
  std::string secret = {};  // empty: they are not signed
};

// {"id","type":"payment.succeeded","payment","token","amount"}; each repeat bears the same id, by
// which a receiver drops duplicates, and a timestamp and signature of its own.
struct WebhookEvent {
  std::string id;
  std::string body;
  std::string traceparent;
};
[[nodiscard]] WebhookEvent event_of(const Effect& payment, const Trace& trace);

// Any thread.
class Webhooks {
 public:
  virtual ~Webhooks() = default;
  // In the transaction that records the payment.
  [[nodiscard]] virtual Result<void> record(Connection& writer, const Effect& payment,
                                            const Trace& trace) = 0;
  // After it was committed.
  virtual void announce(const Effect& payment, const Trace& trace) = 0;
};

// One attempt at a delivery. Owns the pool. Any thread.
class WebhookSender {
 public:
  // kInvalidArgument when the URL is none.
  [[nodiscard]] static Result<std::unique_ptr<WebhookSender>> make(const WebhookSettings& settings,
                                                                   Metrics& metrics);
  // Whether the receiver acknowledged the event (2xx).
  [[nodiscard]] bool send(const WebhookEvent& event);

 private:
  WebhookSender(std::unique_ptr<HttpPool> pool, std::string secret, Metrics& metrics);

  std::unique_ptr<HttpPool> pool_;
  std::string secret_;
  Metrics& metrics_;
};

struct WebhookDeps {
  Database& database;
  const Log& log;
  Metrics& metrics;
  StopFlag& stop;
};
// Fails as WebhookSender::make. One per delivery, in files of their own (webhooks_….cpp).
[[nodiscard]] Result<std::unique_ptr<Webhooks>> make_webhooks(const WebhookSettings& settings,
                                                              WebhookDeps deps);
[[nodiscard]] std::unique_ptr<Webhooks> make_fired_webhooks(std::unique_ptr<WebhookSender> sender,
                                                            unsigned attempts, WebhookDeps deps);
[[nodiscard]] std::unique_ptr<Webhooks> make_webhook_outbox(std::unique_ptr<WebhookSender> sender,
                                                            WebhookDeps deps);

}  // namespace squall::shop
