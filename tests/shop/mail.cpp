#include "tests/shop/mail.hpp"

#include <optional>

#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {
namespace {

using Json = nlohmann::ordered_json;

std::string mail_id(std::size_t number) {
  return "mail_" + std::to_string(number);
}

}  // namespace

Answer MailService::send(const Call& call) {
  const Result<nlohmann::json> json = parse_object(call.body());
  if (!json) {
    return problem(400, json.error().message);
  }
  const Result<std::string> token = text_field(*json, "token");
  const Result<std::string> text = text_field(*json, "text");
  if (!token || !text) {
    return problem(400, (token ? text : token).error().message);
  }
  const std::string key = call.header("Idempotency-Key").value_or("");
  const std::lock_guard lock(mutex_);
  const auto known = key.empty() ? by_key_.end() : by_key_.find(key);
  if (known != by_key_.end()) {
    const Mail& mail = mails_[known->second - 1];
    return mail.token == *token && mail.text == *text
               ? Answer{202, Json{{"id", mail_id(known->second)}}.dump()}
               : problem(422, "this Idempotency-Key was used with another mail");
  }
  mails_.push_back({*token, *text, key});
  if (!key.empty()) {
    by_key_.emplace(key, mails_.size());
  }
  return {202, Json{{"id", mail_id(mails_.size())}}.dump()};
}

Answer MailService::ledger(const Call& call) const {
  const std::optional<std::string> token = call.query("token");
  Json items = Json::array();
  const std::lock_guard lock(mutex_);
  for (std::size_t number = 1; number <= mails_.size(); ++number) {
    const Mail& mail = mails_[number - 1];
    if (!token || mail.token == *token) {
      items.push_back({{"token", mail.token}, {"id", mail_id(number)}, {"key", mail.key}});
    }
  }
  return {200, Json{{"effects", std::move(items)}, {"next", nullptr}}.dump()};
}

int run_mail(const MailOptions& options) {
  Role role("mail", options.http, options.log_level);
  MailService mail;
  using Method = HttpService::Method;
  HttpService& http = role.http();
  http.route(Method::kPost, "/mails", "/mails", [&](const Call& call) { return mail.send(call); });
  http.route(Method::kGet, "/ledger", "/ledger",
             [&](const Call& call) { return mail.ledger(call); });
  http.route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
