#include "faults/proxy/proxy_event.hpp"

#include <algorithm>

#include "loadgen/base/check.hpp"

namespace squall::faults {

std::string_view to_string(ProxyEvent::Kind kind) {
  switch (kind) {
    case ProxyEvent::Kind::kProxyCreated:
      return "proxy_created";
    case ProxyEvent::Kind::kProxyUpdated:
      return "proxy_updated";
    case ProxyEvent::Kind::kProxyEnabled:
      return "proxy_enabled";
    case ProxyEvent::Kind::kProxyDisabled:
      return "proxy_disabled";
    case ProxyEvent::Kind::kProxyDeleted:
      return "proxy_deleted";
    case ProxyEvent::Kind::kToxicAdded:
      return "toxic_added";
    case ProxyEvent::Kind::kToxicUpdated:
      return "toxic_updated";
    case ProxyEvent::Kind::kToxicRemoved:
      return "toxic_removed";
    case ProxyEvent::Kind::kToxicFired:
      return "toxic_fired";
    case ProxyEvent::Kind::kAcceptFailed:
      return "accept_failed";
    case ProxyEvent::Kind::kDialFailed:
      return "dial_failed";
    case ProxyEvent::Kind::kTlsFailed:
      return "tls_failed";
  }
  SQUALL_CHECK(false);
}

void EventFeed::add(ProxyEvent event) {
  event.number = ++last_number_;
  events_.push_back(std::move(event));
  if (events_.size() > capacity_) {
    events_.pop_front();
  }
}

std::vector<ProxyEvent> EventFeed::after(std::uint64_t number) const {
  const auto first =
      std::upper_bound(events_.begin(), events_.end(), number,
                       [](std::uint64_t bound, const ProxyEvent& e) { return bound < e.number; });
  return {first, events_.end()};
}

}  // namespace squall::faults
