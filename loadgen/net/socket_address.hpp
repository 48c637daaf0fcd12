// An IP address and port: where a stream connects to, or a listener listens.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::net {

// A value of 28 bytes; IPv4 or IPv6. Default: 0.0.0.0:0.
class SocketAddress {
 public:
  SocketAddress();
  // REQUIRES: AF_INET or AF_INET6, of that family's full size.
  explicit SocketAddress(const sockaddr& address);

  // A numeric address ("127.0.0.1", "::1", "[::1]"); kInvalidArgument quotes anything else.
  [[nodiscard]] static Result<SocketAddress> parse(const std::string& ip, std::uint16_t port);
  // Asks the resolver and blocks meanwhile: for start-up, never on a loop. At least one address, in
  // the resolver's order of preference, or kUnavailable with its reason. Numeric hosts do not reach
  // the resolver, nor does "localhost", which is ::1 and 127.0.0.1 (RFC 6761, 6.3): it is always
  // allowed as a target, so nobody may say that it is somewhere else.
  [[nodiscard]] static Result<std::vector<SocketAddress>> resolve(const std::string& host,
                                                                  std::uint16_t port);

  [[nodiscard]] const sockaddr* raw() const;
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] bool is_loopback() const;
  // "127.0.0.1:80", "[::1]:80".
  [[nodiscard]] std::string to_string() const;

 private:
  sockaddr_in6 storage_;  // large enough for both, and aligned for both
};

}  // namespace squall::net
