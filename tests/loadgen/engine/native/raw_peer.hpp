// A listening socket whose connections are read only when the test says so.
#pragma once

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/loopback_port.hpp"

namespace squall::engine::test {

// On 127.0.0.1, a free port, with small receive buffers and room for `backlog` + 1 callers that
// nobody has accepted. Owns its descriptors. Connections are numbered in the order of accept().
class RawPeer {
 public:
  explicit RawPeer(int backlog = 64) : listener_(squall::test::bind_loopback(port_)) {
    const int small = 16 * 1024;
    ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (::listen(listener_, backlog) != 0) {
      throw std::runtime_error("cannot listen");
    }
  }
  ~RawPeer() {
    for (const int fd : fds_) {
      ::close(fd);
    }
    ::close(listener_);
  }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // A connection is waiting to be accepted.
  [[nodiscard]] bool has_caller() const { return ready(listener_); }
  // Takes all that wait; how many there are in all then.
  std::size_t accept_waiting() {
    while (has_caller()) {
      fds_.push_back(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    }
    return fds_.size();
  }
  // Bytes that this host has received for the connection and nobody has read.
  [[nodiscard]] std::size_t unread(std::size_t connection) const {
    int count = 0;
    ::ioctl(fds_.at(connection), FIONREAD, &count);
    return static_cast<std::size_t>(count);
  }
  void send(std::size_t connection, std::string_view bytes) {
    static_cast<void>(::send(fds_.at(connection), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  // Sends until this host takes no more without waiting; how many bytes that were.
  std::size_t fill(std::size_t connection) {
    const std::string piece(16UL * 1024, 'x');
    std::size_t total = 0;
    for (;;) {
      const ssize_t count =
          ::send(fds_.at(connection), piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count <= 0) {
        return total;
      }
      total += static_cast<std::size_t>(count);
    }
  }
  // Bytes sent that the client's host has not taken.
  [[nodiscard]] std::size_t unacknowledged(std::size_t connection) const {
    int count = 0;
    ::ioctl(fds_.at(connection), SIOCOUTQ, &count);
    return static_cast<std::size_t>(count);
  }
  void close(std::size_t connection) { ::close(std::exchange(fds_.at(connection), -1)); }
  void reset(std::size_t connection) {
    const linger at_once{1, 0};
    ::setsockopt(fds_.at(connection), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(connection);
  }

  enum class End { kNone, kFin, kReset };
  struct Read {
    std::string bytes;
    End end = End::kNone;
  };
  // Everything that is there now, and how it ends.
  [[nodiscard]] Read read(std::size_t connection) {
    Read result;
    char piece[64 * 1024];
    for (;;) {
      const ssize_t count = ::recv(fds_.at(connection), piece, sizeof piece, MSG_DONTWAIT);
      if (count > 0) {
        result.bytes.append(piece, static_cast<std::size_t>(count));
        continue;
      }
      if (count == 0) {
        result.end = End::kFin;
      } else if (errno != EAGAIN) {
        result.end = End::kReset;
      }
      return result;
    }
  }

 private:
  static bool ready(int fd) {
    pollfd entry{fd, POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  }

  std::uint16_t port_ = 0;
  int listener_;
  std::vector<int> fds_;
};

}  // namespace squall::engine::test
