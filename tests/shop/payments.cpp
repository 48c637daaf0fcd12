#include "tests/shop/payments.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "loadgen/base/check.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/json_body.hpp"

namespace squall::shop {
namespace {

constexpr const char* kKeyHeader = "Idempotency-Key";
constexpr std::size_t kMaxKey = 255;
constexpr std::int64_t kMaxAmount = 1'000'000'000'000;

Result<PaymentRequest> read_request(const std::string& body) {
  const Result<nlohmann::json> json = parse_object(body);
  if (!json) {
    return fail(json.error());
  }
  Result<std::string> order = text_or_number_field(*json, "order");
  Result<std::int64_t> amount = integer_field(*json, "amount", 1, kMaxAmount);
  Result<std::string> token = text_field(*json, "token");
  if (!order || !amount || !token) {
    return fail(!order ? order.error() : !amount ? amount.error() : token.error());
  }
  return PaymentRequest{std::move(*order), *amount, std::move(*token)};
}

bool is_key(const std::string& text) {
  return !text.empty() && text.size() <= kMaxKey &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::string PaymentRequest::canonical() const {
  return nlohmann::json{{"amount", amount}, {"order", order}, {"token", token}}.dump();
}

Answer PaymentDesk::take(const Call& call) {
  const Result<PaymentRequest> request = read_request(call.body());
  if (!request) {
    return problem(400, request.error().message);
  }
  // httplib drops headers without a value: an empty key is no key.
  const std::size_t keys = call.header_count(kKeyHeader);
  if (!heeds_keys() || keys == 0) {
    return take_unprotected(*request, call.trace());
  }
  const std::string key = call.header(kKeyHeader).value_or("");
  if (keys > 1 || !is_key(key)) {
    return problem(400, "Idempotency-Key must be one header of 1 to 255 visible ASCII characters");
  }
  return take_keyed(*request, key, call.trace());
}

Answer PaymentDesk::take_unprotected(const PaymentRequest& request, const Trace& trace) {
  const ChargeResult charged =
      deps_.psp.charge({request.amount, request.token, std::nullopt}, trace);
  if (!charged.charge) {
    return charged.failure;
  }
  Effect payment = payment_of(request, *charged.charge);
  const Result<std::int64_t> seq = insert_effect(*deps_.database.write(), payment);
  if (!seq) {
    return database_failed(seq.error(), trace);
  }
  payment.seq = *seq;
  announce(payment, trace);
  return {201, payment_json(payment)};
}

Effect PaymentDesk::payment_of(const PaymentRequest& request, const std::string& charge) {
  return {0, EffectKind::kPayment, request.token, request.amount, request.order, charge};
}

Answer PaymentDesk::database_failed(const Error& error, const Trace& trace) const {
  deps_.metrics.database_error();
  deps_.log.error("database error", &trace, {{"error", error.message}});
  return problem(503, "the database cannot be used now");
}

void PaymentDesk::announce(const Effect& payment, const Trace& trace) const {
  if (deps_.webhooks != nullptr) {
    deps_.webhooks->announce(payment, trace);
  }
}

std::string payment_json(const Effect& payment) {
  const nlohmann::ordered_json json = {{"id", payment.id()},       {"order", payment.subject},
                                       {"amount", payment.amount}, {"token", payment.token},
                                       {"status", "succeeded"},    {"charge", payment.charge}};
  return json.dump();
}

std::unique_ptr<PaymentDesk> make_payment_desk(const PaymentSettings& settings,
                                               PaymentDesk::Deps deps) {
  switch (settings.mode) {
    case PaymentsMode::kNone:
      return make_unprotected_payments(deps);
    case PaymentsMode::kRacy:
      return make_racy_payments(deps);
    case PaymentsMode::kAtomic:
      return make_atomic_payments(settings, deps);
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::shop
