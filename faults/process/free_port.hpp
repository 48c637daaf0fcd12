// Ports for the services and proxies of a run.
#pragma once

#include <cstdint>

#include "loadgen/base/result.hpp"

namespace squall::faults {

// A TCP port that can be bound on 127.0.0.1 now, never the same twice in a process. It lies outside
// the kernel's range for outgoing connections (net.ipv4.ip_local_port_range), so no connection can
// take it between this call and the service's own bind, which with the usual "bind port 0 and close
// it" happens under load. Where that range leaves no ports over, a port inside it is the best there
// is. kExhausted when none can be bound. Any thread.
[[nodiscard]] Result<std::uint16_t> free_port();

// First and last port that the kernel gives to outgoing connections.
struct PortRange {
  std::uint16_t first = 32768;
  std::uint16_t last = 60999;
  [[nodiscard]] bool contains(std::uint16_t port) const { return port >= first && port <= last; }
};
// The kernel's default when /proc does not tell.
[[nodiscard]] PortRange outgoing_port_range();

}  // namespace squall::faults
