#include "tests/shop/mail_client.hpp"

#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/psp_client.hpp"

namespace squall::shop {

StepResult MailClient::send(const std::string& token, const std::string& text,
                            const std::string& key, const Trace& trace) {
  PoolRequest sent = {"POST", "/mails", {{"Content-Type", "application/json"}}};
  if (!key.empty()) {
    sent.headers.emplace_back("Idempotency-Key", key);
  }
  sent.body = nlohmann::json{{"token", token}, {"text", text}}.dump();
  const Result<PoolAnswer> answer = service_->call(std::move(sent), trace);
  if (!answer) {
    return {std::nullopt, dependency_failed(answer.error())};
  }
  if (answer->status < 200 || answer->status >= 300) {
    return {std::nullopt,
            problem(502, fmt::format("the receipt could not be sent ({})", answer->status))};
  }
  const Result<std::string> id =
      parse_object(answer->body).and_then([](const auto& json) { return text_field(json, "id"); });
  if (!id) {
    return {std::nullopt,
            problem(502, "the mail service's answer cannot be read: " + id.error().message)};
  }
  return {*id};
}

}  // namespace squall::shop
