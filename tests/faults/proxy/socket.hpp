// Blocking sockets on loopback for both ends of a link.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace squall::test {

// One connection. Reads and writes fail after twenty seconds, so that nothing hangs.
class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {
    if (fd_ >= 0) {
      const timeval limit{20, 0};
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
      const int on = 1;
      ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
  }
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  // Not open when that fails; `error` says why.
  static Socket connect(std::uint16_t port, int& error) {
    Socket result(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in to = loopback(port);
    error =
        ::connect(result.fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ? 0 : errno;
    if (error != 0) {
      result.close();
    }
    return result;
  }
  static Socket connect(std::uint16_t port) {
    int error = 0;
    Socket result = connect(port, error);
    EXPECT_EQ(error, 0) << port;
    return result;
  }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }
  // False when the peer does not take them all.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // As much as is there, at most `limit`; empty at the end and after an error (see error()).
  std::string receive(std::size_t limit = 64UL * 1024) {
    std::string bytes(limit, '\0');
    const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
    error_ = count < 0 ? errno : 0;
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  // Exactly so many, or fewer if the stream ends.
  std::string receive_all(std::size_t count) {
    std::string bytes;
    while (bytes.size() < count) {
      const std::string more = receive(count - bytes.size());
      if (more.empty()) {
        break;
      }
      bytes += more;
    }
    return bytes;
  }
  // Until the end; error() is 0 for FIN, ECONNRESET for RST.
  std::string rest() {
    std::string bytes;
    for (std::string more = receive(); !more.empty(); more = receive()) {
      bytes += more;
    }
    return bytes;
  }
  [[nodiscard]] int error() const { return error_; }
  // Whether nothing arrives, no end either.
  [[nodiscard]] bool is_silent_for(int ms) const {
    pollfd polled{fd_, POLLIN, 0};
    return ::poll(&polled, 1, ms) == 0;
  }

  void shutdown_write() const { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }
  void close() {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }

 private:
  int fd_;
  int error_ = 0;
};

// A server that accepts when it is told to.
class Acceptor {
 public:
  explicit Acceptor(int backlog = 1024)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at = Socket::loopback(0);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket_.fd(), reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(socket_.fd(), backlog), 0);
    EXPECT_EQ(::getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // Waits for one; not open when none comes within twenty seconds or the acceptor was stopped.
  [[nodiscard]] Socket accept() const {
    return Socket(::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  // Wakes accept() on another thread.
  void stop() const { ::shutdown(socket_.fd(), SHUT_RDWR); }
  void close() { socket_.close(); }

 private:
  Socket socket_;
  std::uint16_t port_ = 0;
};

}  // namespace squall::test
