#include "tests/shop/psp_client.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"
#include "tests/shop/json_body.hpp"

namespace squall::shop {
namespace {

ChargeResult charge_in(const PoolAnswer& answer) {
  if (answer.status >= 200 && answer.status < 300) {
    const auto id = parse_object(answer.body).and_then([](const nlohmann::json& json) {
      return text_field(json, "id");
    });
    if (!id) {
      return {std::nullopt,
              problem(502, "the payment provider's answer cannot be read: " + id.error().message)};
    }
    return {*id, {}};
  }
  if (answer.status >= 400 && answer.status < 500) {
    return {std::nullopt, problem(402, fmt::format("the payment provider refused the charge ({})",
                                                   answer.status))};
  }
  return {std::nullopt,
          problem(502, fmt::format("the payment provider failed ({})", answer.status))};
}

}  // namespace

ChargeResult PspClient::charge(const ChargeRequest& request, const Trace& trace) {
  HttpPool::Headers headers = {{"traceparent", trace.traceparent()}};
  if (request.key) {
    headers.emplace_back("Idempotency-Key", *request.key);
  }
  const nlohmann::json body = {{"amount", request.amount}, {"token", request.token}};
  const TimePoint start = monotonic_now();
  const Result<PoolAnswer> answer = pool_->post("/charges", headers, body.dump());
  const Duration duration = monotonic_now() - start;
  if (!answer) {
    metrics_.call("psp", "unreachable", duration);
    return {std::nullopt, problem(504, answer.error().message)};
  }
  ChargeResult result = charge_in(*answer);
  metrics_.call("psp", result.charge ? "ok" : (result.failure.status == 402 ? "refused" : "failed"),
                duration);
  return result;
}

}  // namespace squall::shop
