// What happened to proxies and links, for journals and logs.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::faults {

struct ProxyEvent {
  enum class Kind : std::uint8_t {
    kProxyCreated,
    kProxyUpdated,
    kProxyEnabled,
    kProxyDisabled,
    kProxyDeleted,
    kToxicAdded,
    kToxicUpdated,
    kToxicRemoved,
    kToxicFired,  // for the first time on this link
    kAcceptFailed,
    kDialFailed,
    kTlsFailed,  // with the client or the upstream; the detail says which and why
  };
  // No link: the event is about the proxy.
  static constexpr std::uint64_t kNoLink = ~std::uint64_t{0};

  std::uint64_t number = 0;  // from 1, without gaps
  TimePoint at;              // monotonic
  Kind kind = Kind::kProxyCreated;
  std::string proxy;
  std::string toxic = {};
  std::uint64_t ordinal = kNoLink;  // of the link
  std::string detail = {};          // "dial tcp 127.0.0.1:9: connect: connection refused"
};

// "proxy_created", "dial_failed"…
[[nodiscard]] std::string_view to_string(ProxyEvent::Kind kind);

// The last events, a bounded number: who reads too late sees by the numbers that some are gone.
// One thread.
class EventFeed {
 public:
  explicit EventFeed(std::size_t capacity) : capacity_(capacity) {}

  // Numbers and keeps it.
  void add(ProxyEvent event);
  // Those that are kept and come after that number, oldest first; 0 for all.
  [[nodiscard]] std::vector<ProxyEvent> after(std::uint64_t number) const;

 private:
  std::size_t capacity_;
  std::uint64_t last_number_ = 0;
  std::deque<ProxyEvent> events_;
};

}  // namespace squall::faults
