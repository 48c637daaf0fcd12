// Free ports of 127.0.0.1, held for as long as a test needs them.
#pragma once

#include <cstdint>

namespace squall::test {

// A non-blocking TCP socket bound to a free port, which goes to `port`. The caller owns the
// descriptor.
[[nodiscard]] int bind_loopback(std::uint16_t& port);

// A port that was free a moment ago, for a program that binds it itself: another process may be
// faster.
[[nodiscard]] std::uint16_t free_loopback_port();

// A port that refuses connections as long as the object lives: bound, never listening.
class RefusedPort {
 public:
  RefusedPort() : fd_(bind_loopback(port_)) {}
  ~RefusedPort();
  RefusedPort(const RefusedPort&) = delete;
  RefusedPort& operator=(const RefusedPort&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  int fd_;
};

}  // namespace squall::test
