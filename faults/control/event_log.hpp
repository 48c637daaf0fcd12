// What happens to the proxies, as lines of a log.
#pragma once

#include <cstdint>
#include <string>

#include "faults/control/api_log.hpp"
#include "faults/proxy/proxy_server.hpp"

namespace squall::faults {

// Borrows the proxies. One thread.
class EventLog {
 public:
  EventLog(const ProxyServer& proxies, ApiLog log) : proxies_(proxies), log_(std::move(log)) {}

  // Writes what has happened since the last time. Toxics that fire are for debugging; what failed
  // is a warning; everything else is information. Events that were forgotten meanwhile are counted.
  void catch_up();

 private:
  const ProxyServer& proxies_;
  const ApiLog log_;
  std::uint64_t last_ = 0;
};

// "toxic_added proxy=db toxic=slow": one line.
[[nodiscard]] std::string event_line(const ProxyEvent& event);

}  // namespace squall::faults
