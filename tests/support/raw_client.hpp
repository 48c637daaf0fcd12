// A blocking TCP client for tests of servers: sends what it likes and reads answers one by one.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "loadgen/net/http_response_parser.hpp"
#include "loadgen/net/socket_address.hpp"

namespace squall::test {

// A blocking socket that sends what it likes. Reads fail after ten seconds.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    const net::SocketAddress address = *net::SocketAddress::parse("127.0.0.1", port);
    EXPECT_EQ(::connect(fd_, address.raw(), sizeof(sockaddr_in)), 0);
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void end() const { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::close(fd_);
    fd_ = -1;
  }

  // Waits for a reset without reading anything.
  [[nodiscard]] bool is_reset_within(std::chrono::milliseconds limit) const {
    pollfd polled{fd_, 0, 0};
    return ::poll(&polled, 1, static_cast<int>(limit.count())) == 1 &&
           (polled.revents & POLLERR) != 0;
  }

  // The next answer, its body in `body`; status 0 when there is none. Bytes behind it are kept.
  int answer(std::string& body, bool head_only = false) {
    net::HttpResponseParser parser;
    parser.reset(head_only);
    body.clear();
    parser.capture_body(body, 100'000'000);
    while (true) {
      const net::HttpResponseParser::Fed fed = parser.feed(kept_);
      seen_.append(kept_.substr(0, fed.consumed));
      kept_.erase(0, fed.consumed);
      if (fed.state == net::HttpResponseParser::State::kComplete) {
        return parser.status();
      }
      if (fed.state != net::HttpResponseParser::State::kNeedMore || !receive()) {
        return 0;
      }
    }
  }
  int answer() {
    std::string body;
    return answer(body);
  }
  // Up to and with the next line feed.
  std::string read_line() {
    while (kept_.find('\n') == std::string::npos && receive()) {
    }
    std::string line = kept_.substr(0, kept_.find('\n') + 1);
    kept_.erase(0, line.size());
    return line;
  }
  // Everything up to the end; last_error() is 0 for an end in order.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(kept_, {});
  }
  [[nodiscard]] int last_error() const { return last_error_; }
  // Everything that answer() has consumed.
  [[nodiscard]] const std::string& seen() const { return seen_; }

 private:
  bool receive() {
    char buffer[64 * 1024];
    const ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
    last_error_ = count < 0 ? errno : 0;
    if (count > 0) {
      kept_.append(buffer, static_cast<std::size_t>(count));
    }
    return count > 0;
  }

  int fd_ = -1;
  int last_error_ = 0;
  std::string kept_;
  std::string seen_;
};

}  // namespace squall::test
