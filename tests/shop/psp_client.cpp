#include "tests/shop/psp_client.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"

namespace squall::shop {
namespace {

constexpr std::int64_t kMaxRate = 1'000'000'000;

bool is_success(const PoolAnswer& answer) {
  return answer.status >= 200 && answer.status < 300;
}

// Whether a refusal is about the request. Others are about the moment, or about a first try whose
// outcome nobody knows.
bool is_final(int status) {
  return status != 408 && status != 409 && status != 425 && status != 429;
}

// The id of whatever was answered; empty when there is none to be found.
std::string trusted_charge(const std::string& body) {
  const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  return json.is_object() && json.contains("id") && json["id"].is_string()
             ? json["id"].get<std::string>()
             : "";
}

Result<std::string> validated_charge(const std::string& body, const ChargeRequest& request) {
  const Result<nlohmann::json> json = parse_object(body);
  if (!json) {
    return fail(json.error());
  }
  const Result<std::string> status = text_field(*json, "status");
  if (!status || *status != "succeeded") {
    return fail(ErrorCode::kMalformed, "its status is not \"succeeded\"");
  }
  const Result<std::int64_t> amount =
      integer_field(*json, "amount", request.amount, request.amount);
  return amount ? text_field(*json, "id") : fail(amount.error());
}

}  // namespace

Answer dependency_failed(const Error& error) {
  if (error.code == ErrorCode::kMalformed) {
    return problem(502, error.message);
  }
  if (error.code != ErrorCode::kExhausted) {
    return problem(504, error.message);
  }
  Answer answer = problem(503, error.message);
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

StepResult PspClient::charge(const ChargeRequest& request, const Trace& trace) {
  PoolRequest sent = {"POST", "/charges", {{"Content-Type", "application/json"}}};
  if (!request.key.empty()) {
    sent.headers.emplace_back("Idempotency-Key", request.key);
  }
  sent.body = nlohmann::json{{"amount", request.amount}, {"token", request.token}}.dump();
  const Result<PoolAnswer> answer = provider_->call(std::move(sent), trace);
  if (!answer) {
    return {std::nullopt, dependency_failed(answer.error())};
  }
  if (answer->status >= 400 && answer->status < 500) {
    return {
        std::nullopt,
        problem(402, fmt::format("the payment provider refused the charge ({})", answer->status)),
        is_final(answer->status) ? Failure::kRefused : Failure::kUnknown};
  }
  if (!is_success(*answer)) {
    return {std::nullopt,
            problem(502, fmt::format("the payment provider failed ({})", answer->status))};
  }
  if (trust_ == ProviderTrust::kTrust) {
    return {trusted_charge(answer->body)};
  }
  const Result<std::string> charge = validated_charge(answer->body, request);
  if (!charge) {
    return {std::nullopt, problem(502, "the payment provider's answer cannot be read: " +
                                           charge.error().message)};
  }
  return {*charge};
}

Result<std::int64_t> PspClient::rate(const std::string& currency, const Trace& trace) {
  const Result<PoolAnswer> answer = provider_->call({"GET", "/rates/" + currency, {}}, trace);
  if (!answer) {
    return fail(answer.error());
  }
  if (!is_success(*answer)) {
    return fail(ErrorCode::kMalformed,
                fmt::format("the payment provider knows no rate ({})", answer->status));
  }
  return parse_object(answer->body).and_then([](const nlohmann::json& json) {
    return integer_field(json, "rate", 1, kMaxRate);
  });
}

}  // namespace squall::shop
