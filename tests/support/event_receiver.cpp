#include "tests/support/event_receiver.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace squall::verify {

EventReceiver::EventReceiver(ReceiverHabits habits) : habits_(habits) {
  auto server = net::HttpServer::start(
      {}, [this](const net::ServerRequest& request) { return receive(request); });
  EXPECT_TRUE(server.has_value());
  server_ = std::move(*server);
}

void EventReceiver::crash() {
  const std::lock_guard lock(mutex_);
  if (habits_.knows == ReceiverHabits::Knows::kProcess) {
    known_.clear();
  }
  for (const auto& [token, effects] : not_kept_) {
    effects_[token] -= effects;
  }
  not_kept_.clear();
}

std::map<std::string, std::uint64_t, std::less<>> EventReceiver::effects() const {
  const std::lock_guard lock(mutex_);
  return effects_;
}

bool EventReceiver::is_new(const std::string& event) {
  return habits_.knows == ReceiverHabits::Knows::kNothing || known_.insert(event).second;
}

net::ServerReply EventReceiver::receive(const net::ServerRequest& request) {
  using Early = ReceiverHabits::Early;
  const nlohmann::json event = nlohmann::json::parse(request.body, nullptr, false);
  net::ServerReply reply;
  if (!event.is_object() || request.header("Authorization") != "") {
    reply.status = 400;
    return reply;
  }
  const std::string token = event.value("token", "");
  const bool changed = event.value("type", "") == "changed";
  const std::lock_guard lock(mutex_);
  not_kept_.clear();
  const bool early = changed && !effects_.contains(token);
  if (early && habits_.early == Early::kRefused) {
    reply.status = 503;
    return reply;
  }
  if (!is_new(event.value("id", ""))) {
    reply.status = habits_.again_status;
    return reply;
  }
  if (!changed || (early && habits_.early == Early::kBooked)) {
    ++effects_[token];
    not_kept_[token] += habits_.durable ? 0U : 1U;
  }
  return reply;
}

}  // namespace squall::verify
