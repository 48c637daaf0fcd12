#include "tests/support/payments_api.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace squall::verify {
namespace {

net::ServerReply reply(int status, const std::string& body) {
  net::ServerReply made;
  made.status = status;
  made.headers = {{"Content-Type", "application/json"}};
  made.body = body;
  return made;
}

int keys_of(const net::ServerRequest& request) {
  int count = 0;
  for (const auto& [name, value] : request.headers) {
    count += name == "idempotency-key" || name == "Idempotency-Key" ? 1 : 0;
  }
  return count;
}

nlohmann::json payload_of(const std::string& body) {
  return nlohmann::json::parse(body, nullptr, false);
}

}  // namespace

PaymentsApi::PaymentsApi(Habits habits) : habits_(std::move(habits)) {
  auto server = net::HttpServer::start(
      {}, [this](const net::ServerRequest& request) { return answer(request); });
  EXPECT_TRUE(server.has_value());
  server_ = std::move(*server);
}

bool PaymentsApi::well_formed(const net::ServerRequest& request) const {
  const std::string_view key = request.header("Idempotency-Key");
  bool plain = !key.empty() && key.size() <= 255 && keys_of(request) == 1;
  for (const char c : key) {
    plain = plain && c > ' ' && c < '\x7f' && c != '"';
  }
  return plain;
}

net::ServerReply PaymentsApi::answer(const net::ServerRequest& request) {
  const int number = ++requests_;
  if (habits_.limited_every > 0 && number % habits_.limited_every == 0) {
    return reply(429, "{}");
  }
  if (number == habits_.fails_once) {
    return reply(503, "{}");
  }
  if (request.method == "GET") {
    return show(request);
  }
  const bool has_key = keys_of(request) > 0;
  if (!has_key && habits_.breaks_without_key) {
    const std::lock_guard lock(mutex_);
    (void)work(request);
    return reply(500, "{}");
  }
  if (!has_key && habits_.requires_keys) {
    return reply(400, R"({"error":"no key"})");
  }
  if (has_key && habits_.checks_keys && !well_formed(request)) {
    return reply(400, R"({"error":"bad key"})");
  }
  const std::lock_guard lock(mutex_);
  return has_key && habits_.knows_keys ? with_key(request) : work(request);
}

net::ServerReply PaymentsApi::show(const net::ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  const auto found = resources_.find(request.target.substr(request.target.rfind('/') + 1));
  if (found == resources_.end()) {
    return reply(404, "{}");
  }
  nlohmann::json body = payload_of(found->second);
  body["read"] = ++readings_;
  if (habits_.reads_fail_every > 0 &&
      readings_ % static_cast<std::uint64_t>(habits_.reads_fail_every) == 0) {
    return reply(503, "{}");
  }
  return reply(200, body.dump());
}

bool PaymentsApi::is_overtaken(const std::string& name) {
  return habits_.overtaken_from > 0 && requests_ >= habits_.overtaken_from &&
         overtaken_.insert(name).second;
}

net::ServerReply PaymentsApi::with_key(const net::ServerRequest& request) {
  std::string name(request.header("Idempotency-Key"));
  name += habits_.by_caller ? "|" + std::string(request.header("Authorization")) : "";
  name += habits_.by_endpoint ? "|" + request.target : "";
  const TimePoint now = monotonic_now();
  if (requests_ == habits_.poisons) {
    poisoned_ = name;
  }
  if (name == poisoned_) {
    return reply(500, R"({"attempt":)" + std::to_string(requests_) + "}");
  }
  if (is_overtaken(name)) {
    net::ServerReply lost = reply(409, R"({"error":"in use"})");
    lost.delay = habits_.takes;
    return lost;
  }
  const auto found = stored_.find(name);
  if (found != stored_.end() && (habits_.claims || found->second.done <= now)) {
    return again(found->second, request, now);
  }
  net::ServerReply made = work(request);
  if (made.status < 300 || habits_.stores_refusals) {
    stored_[name] = {request.body, made, now + made.delay};
  }
  made.delay += habits_.lags;
  return made;
}

net::ServerReply PaymentsApi::again(Stored& stored, const net::ServerRequest& request,
                                    TimePoint now) const {
  if (habits_.compares_payloads && payload_of(stored.payload) != payload_of(request.body)) {
    return reply(422, R"({"error":"another payload"})");
  }
  const bool in_flight = stored.done > now;
  if ((in_flight && !habits_.blocks) || stored.stuck) {
    stored.stuck = !habits_.releases;
    return reply(409, R"({"error":"in use"})");
  }
  net::ServerReply made = stored.reply;
  made.delay = in_flight ? stored.done - now : Duration::zero();
  if (!habits_.marker.empty()) {
    made.headers.emplace_back(habits_.marker, "true");
  }
  if (!habits_.frozen) {
    made.body = R"({"id":"other","amount":1})";
  }
  return made;
}

net::ServerReply PaymentsApi::work(const net::ServerRequest& request) {
  const nlohmann::json json = payload_of(request.body);
  if (!json.is_object() || json.value("amount", 0.0) <= 0) {
    return reply(422, R"({"error":"amount"})");
  }
  const std::string token = json.value("token", "");
  ++effects_[token];
  const std::string id = "pay_" + std::to_string(++made_);
  resources_[id] = nlohmann::json{{"id", id}, {"amount", json["amount"]}, {"token", token}}.dump();
  net::ServerReply made = request.target == "/payments" && habits_.names_resources
                              ? reply(201, resources_[id])
                              : reply(201, "{}");
  made.delay = habits_.takes;
  return made;
}

}  // namespace squall::verify
