#include "tests/support/event_sender.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/net/http_client.hpp"

namespace squall::verify {
namespace {

constexpr Duration kPatience = std::chrono::milliseconds(100);
constexpr Duration kPause = std::chrono::milliseconds(20);

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_clock_now().time_since_epoch())
      .count();
}

}  // namespace

EventSender::EventSender(SenderHabits habits, std::string url)
    : habits_(habits), url_(std::move(url)), worker_([this] { work(); }) {
  auto server = net::HttpServer::start(
      {}, [this](const net::ServerRequest& request) { return take(request); });
  EXPECT_TRUE(server.has_value());
  server_ = std::move(*server);
}

EventSender::~EventSender() {
  server_.reset();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

void EventSender::crash() {
  const std::lock_guard lock(mutex_);
  if (!habits_.durable) {
    queue_.clear();
    ++crashes_;
  }
}

net::ServerReply EventSender::take(const net::ServerRequest& request) {
  const nlohmann::json payment = nlohmann::json::parse(request.body, nullptr, false);
  net::ServerReply reply;
  if (!payment.is_object()) {
    reply.status = 400;
    return reply;
  }
  const std::lock_guard lock(mutex_);
  reply.status = 201;
  reply.body = R"({"id":"pay_)" + std::to_string(++made_) + R"("})";
  for (int i = 0; habits_.sends && i < (habits_.twice ? 2 : 1); ++i) {
    queue_.push_back({.id = "evt_" + std::to_string(made_) + "_" + std::to_string(i),
                      .token = payment.value("token", ""),
                      .signed_at = seconds_now(),
                      .attempts = 0,
                      .due = monotonic_now()});
  }
  changed_.notify_all();
  return reply;
}

void EventSender::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const auto next = std::min_element(queue_.begin(), queue_.end(),
                                       [](const auto& a, const auto& b) { return a.due < b.due; });
    if (next == queue_.end()) {
      changed_.wait(lock);
      continue;
    }
    if (const Duration early = next->due - monotonic_now(); early > Duration::zero()) {
      changed_.wait_for(lock, early);
      continue;
    }
    Webhook webhook = std::move(*next);
    queue_.erase(next);
    const std::uint64_t crashes = crashes_;
    lock.unlock();
    const bool taken = deliver(webhook);
    lock.lock();
    const bool gives_up = habits_.attempts > 0 && webhook.attempts >= habits_.attempts;
    if (!taken && !gives_up && crashes == crashes_) {
      webhook.due = monotonic_now() + kPause;
      queue_.push_back(std::move(webhook));
    }
  }
}

bool EventSender::deliver(Webhook& webhook) const {
  ++webhook.attempts;
  net::ClientRequest request;
  request.method = "POST";
  request.url = url_;
  request.body = nlohmann::json{{"token", webhook.token}}.dump();
  const std::string id =
      habits_.same_id ? webhook.id : webhook.id + "_" + std::to_string(webhook.attempts);
  request.headers = {{"Webhook-Id", id},
                     {"Webhook-Timestamp",
                      std::to_string(habits_.signs_anew ? seconds_now() : webhook.signed_at)}};
  request.timeout = kPatience;
  const auto answer = net::send(request);
  return answer && answer->status >= 200 && answer->status < 300;
}

}  // namespace squall::verify
