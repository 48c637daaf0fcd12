#include "tests/shop/webhooks.hpp"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"
#include "tests/shop/webhook_signature.hpp"

namespace squall::shop {

WebhookEvent event_of(const Effect& payment, const Trace& trace) {
  const std::string id = "evt_" + payment.id();
  const nlohmann::json body = {{"id", id},
                               {"type", "payment.succeeded"},
                               {"payment", payment.id()},
                               {"token", payment.token},
                               {"amount", payment.amount}};
  return {id, body.dump(), trace.traceparent()};
}

Result<std::unique_ptr<WebhookSender>> WebhookSender::make(const WebhookSettings& settings,
                                                           Metrics& metrics) {
  return HttpPool::make(settings.url, std::chrono::seconds(2))
      .map([&](std::unique_ptr<HttpPool> pool) {
        return std::unique_ptr<WebhookSender>(
            new WebhookSender(std::move(pool), settings.secret, metrics));
      });
}

WebhookSender::WebhookSender(std::unique_ptr<HttpPool> pool, std::string secret, Metrics& metrics)
    : pool_(std::move(pool)), secret_(std::move(secret)), metrics_(metrics) {}

bool WebhookSender::send(const WebhookEvent& event) {
  HttpPool::Headers headers = webhook_headers(secret_, event.id, event.body, wall_clock_now());
  headers.emplace_back("traceparent", event.traceparent);
  const TimePoint start = monotonic_now();
  const Result<PoolAnswer> answer = pool_->post("", std::move(headers), event.body);
  const bool acknowledged = answer && answer->status >= 200 && answer->status < 300;
  metrics_.call("webhook", acknowledged ? "ok" : (answer ? "refused" : "unreachable"),
                monotonic_now() - start);
  return acknowledged;
}

Result<std::unique_ptr<Webhooks>> make_webhooks(const WebhookSettings& settings, WebhookDeps deps) {
  return WebhookSender::make(settings, deps.metrics)
      .map([&](std::unique_ptr<WebhookSender> sender) {
        return settings.delivery == WebhookDelivery::kOutbox
                   ? make_webhook_outbox(std::move(sender), deps)
                   : make_fired_webhooks(std::move(sender), settings.attempts, deps);
      });
}

}  // namespace squall::shop
