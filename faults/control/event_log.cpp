#include "faults/control/event_log.hpp"

#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

LogLevel level_of(ProxyEvent::Kind kind) {
  using Kind = ProxyEvent::Kind;
  if (kind == Kind::kToxicFired) {
    return LogLevel::kDebug;
  }
  const bool failed = to_string(kind).ends_with("_failed");
  return failed ? LogLevel::kWarn : LogLevel::kInfo;
}

}  // namespace

void EventLog::catch_up() {
  for (const ProxyEvent& event : proxies_.events_after(last_)) {
    if (event.number != last_ + 1) {
      log_(LogLevel::kWarn, fmt::format("events_forgotten count={}", event.number - last_ - 1));
    }
    last_ = event.number;
    log_(level_of(event.kind), event_line(event));
  }
}

std::string event_line(const ProxyEvent& event) {
  std::string line = fmt::format("{} proxy={}", to_string(event.kind), printable(event.proxy));
  if (!event.toxic.empty()) {
    line += fmt::format(" toxic={}", printable(event.toxic));
  }
  if (event.ordinal != ProxyEvent::kNoLink) {
    line += fmt::format(" link={}", event.ordinal);
  }
  if (!event.detail.empty()) {
    line += fmt::format(" detail=\"{}\"", printable(event.detail));
  }
  return line;
}

}  // namespace squall::faults
