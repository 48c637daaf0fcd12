#include "tests/shop/psp.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/paging.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMaxAmount = 1'000'000'000'000;

std::string charge_id(std::int64_t number) {
  return "ch_" + std::to_string(number);
}

Answer stopping() {
  return problem(503, "the payment provider is shutting down");
}

}  // namespace

Answer PaymentProvider::charge(const Call& call) {
  const Result<nlohmann::json> json = parse_object(call.body());
  if (!json) {
    return problem(400, json.error().message);
  }
  const Result<std::int64_t> amount = integer_field(*json, "amount", 1, kMaxAmount);
  const Result<std::string> token = text_field(*json, "token");
  if (!amount || !token) {
    return problem(400, amount ? token.error().message : amount.error().message);
  }
  const std::optional<std::string> key = call.header("Idempotency-Key");
  if (!key) {
    return process(*amount, *token, "").value_or(stopping());
  }
  if (key->empty() || key->size() > 255) {
    return problem(400, "Idempotency-Key must have 1 to 255 characters");
  }
  return charge_once(*key, *amount, *token);
}

Answer PaymentProvider::charge_once(const std::string& key, std::int64_t amount,
                                    const std::string& token) {
  std::unique_lock lock(mutex_);
  const auto [at, first] = keyed_.try_emplace(key, KeyedAnswer{amount, token, std::nullopt});
  KeyedAnswer& keyed = at->second;
  if (keyed.amount != amount || keyed.token != token) {
    return problem(422, "this Idempotency-Key was used with another charge");
  }
  if (!first) {
    answered_.wait(lock, [&] { return keyed.answer.has_value(); });
    Answer replay = *keyed.answer;
    replay.headers.emplace_back("Idempotent-Replayed", "true");
    return replay;
  }
  lock.unlock();
  // Only when the program ends is there no answer; the waiting calls then get that as theirs.
  Answer answer = process(amount, token, key).value_or(stopping());
  lock.lock();
  keyed.answer = answer;
  lock.unlock();
  answered_.notify_all();
  return answer;
}

std::optional<Answer> PaymentProvider::process(std::int64_t amount, const std::string& token,
                                               const std::string& key) {
  if (!stop_.let_pass(answer_time_)) {
    return std::nullopt;
  }
  std::int64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = static_cast<std::int64_t>(charges_.size()) + 1;
    charges_.push_back({number, amount, token, key});
  }
  const Json json = {
      {"id", charge_id(number)}, {"amount", amount}, {"token", token}, {"status", "succeeded"}};
  return Answer{201, json.dump()};
}

template <class Describe>
Answer PaymentProvider::list_as(const char* name, const Call& call, Describe describe) const {
  const Result<Page> page = page_of(call);
  if (!page) {
    return problem(400, page.error().message);
  }
  const std::optional<std::string> token = call.query("token");
  Json items = Json::array();
  Json next = nullptr;
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::int64_t>(charges_.size());
  for (std::int64_t number = std::min(page->after, count) + 1; number <= count; ++number) {
    const Charge& charge = charges_[static_cast<std::size_t>(number - 1)];
    if (token && charge.token != *token) {
      continue;
    }
    if (static_cast<std::int64_t>(items.size()) == page->limit) {
      next = std::to_string(number - 1);
      break;
    }
    items.push_back(describe(charge));
  }
  return {200, Json{{name, std::move(items)}, {"next", std::move(next)}}.dump()};
}

Answer PaymentProvider::list(const Call& call) const {
  return list_as("charges", call, [](const Charge& charge) {
    return Json{{"id", charge_id(charge.number)},
                {"amount", charge.amount},
                {"token", charge.token},
                {"status", "succeeded"},
                {"idempotency_key", charge.key}};
  });
}

Answer PaymentProvider::ledger(const Call& call) const {
  return list_as("effects", call, [](const Charge& charge) {
    return Json{
        {"token", charge.token}, {"id", charge_id(charge.number)}, {"amount", charge.amount}};
  });
}

Answer PaymentProvider::rate(const Call& call) {
  // Per 10,000 units, as they were on some day; nobody computes with them.
  static const std::map<std::string, std::int64_t> rates = {
      {"EUR", 10'000}, {"GBP", 8'400}, {"JPY", 1'620'000}, {"USD", 10'900}};
  const auto rate = rates.find(call.group(1));
  if (rate == rates.end()) {
    return problem(404, "no such currency");
  }
  return {200, Json{{"currency", rate->first}, {"rate", rate->second}}.dump()};
}

int run_psp(const PspOptions& options) {
  Role role("psp", options.http, options.log_level);
  PaymentProvider provider(options.answer_time, role.stop());
  using Method = HttpService::Method;
  HttpService& http = role.http();
  http.route(Method::kPost, "/charges", "/charges",
             [&](const Call& call) { return provider.charge(call); });
  http.route(Method::kGet, "/charges", "/charges",
             [&](const Call& call) { return provider.list(call); });
  http.route(Method::kGet, "/ledger", "/ledger",
             [&](const Call& call) { return provider.ledger(call); });
  http.route(Method::kGet, "/rates/([A-Z]{3})", "/rates/{currency}",
             [](const Call& call) { return PaymentProvider::rate(call); });
  http.route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
