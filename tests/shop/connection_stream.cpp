#include "tests/shop/connection_stream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include "loadgen/base/clock.hpp"

namespace squall::shop {
namespace {

constexpr std::size_t kFlushAt = 65536;
constexpr std::size_t kMaxHead = 65536;

int milliseconds_of(Duration duration) {
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

void read_address(const sockaddr_storage& address, std::string& ip, int& port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    port = ntohs(v6.sin6_port);
  }
  ip = text.data();
}

}  // namespace

ssize_t ConnectionStream::receive() {
  const ssize_t n = tls_ != nullptr ? tls_->read(input_.data(), input_.size())
                                    : ::recv(socket_, input_.data(), input_.size(), MSG_DONTWAIT);
  if (n > 0) {
    input_begin_ = 0;
    input_end_ = static_cast<std::size_t>(n);
  }
  return n;
}

ssize_t ConnectionStream::send(const char* bytes, std::size_t size) {
  return tls_ != nullptr ? tls_->write(bytes, size)
                         : ::send(socket_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool ConnectionStream::wait_for_request(Duration idle_limit) {
  head_.clear();
  head_is_whole_ = false;
  if (input_begin_ < input_end_) {
    return true;  // pipelined
  }
  const TimePoint deadline = monotonic_now() + idle_limit;
  while (!has_decrypted()) {
    std::array<pollfd, 2> fds = {{{socket_, POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
    const Duration left = std::max(deadline - monotonic_now(), Duration::zero());
    if (::poll(fds.data(), fds.size(), milliseconds_of(left)) <= 0 || fds[0].revents == 0) {
      return false;
    }
    const ssize_t n = receive();
    if (n >= 0 || errno != EAGAIN) {
      return n > 0;
    }
    // A part of a handshake or of a record.
  }
  return receive() > 0;
}

bool ConnectionStream::has_decrypted() const {
  return tls_ != nullptr && tls_->has_pending();
}

bool ConnectionStream::wait_for(short events) const {
  if (events == POLLIN && has_decrypted()) {
    return true;
  }
  pollfd fd = {socket_, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&fd, 1, milliseconds_of(io_timeout_));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool ConnectionStream::is_readable() const {
  return input_begin_ < input_end_ || wait_for(POLLIN);
}

bool ConnectionStream::is_writable() const {
  return wait_for(POLLOUT);
}

bool ConnectionStream::flush() {
  std::size_t sent = 0;
  while (sent < output_.size()) {
    const ssize_t n = send(output_.data() + sent, output_.size() - sent);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
    } else if (n < 0 && errno != EINTR && (errno != EAGAIN || !wait_for(POLLOUT))) {
      output_.clear();
      return false;
    }
  }
  output_.clear();
  return true;
}

ssize_t ConnectionStream::read(char* bytes, size_t size) {
  if (!flush()) {
    return -1;
  }
  while (input_begin_ == input_end_) {
    const ssize_t n = receive();
    if (n == 0 || (n < 0 && ((errno != EAGAIN && errno != EINTR) || !wait_for(POLLIN)))) {
      return n;
    }
  }
  const std::size_t taken = std::min(size, input_end_ - input_begin_);
  std::memcpy(bytes, input_.data() + input_begin_, taken);
  note_head(bytes, taken);
  input_begin_ += taken;
  return static_cast<ssize_t>(taken);
}

// httplib reads heads byte by byte.
void ConnectionStream::note_head(const char* bytes, std::size_t size) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  if (!head_is_whole_ && head_.size() < kMaxHead) {
    head_.append(bytes, size);
    head_is_whole_ = std::string_view(head_).ends_with(kEnd);
  }
}

ssize_t ConnectionStream::write(const char* bytes, size_t size) {
  output_.append(bytes, size);
  if (output_.size() >= kFlushAt && !flush()) {
    return -1;
  }
  return static_cast<ssize_t>(size);
}

void ConnectionStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    read_address(address, ip, port);
  }
}

void ConnectionStream::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    read_address(address, ip, port);
  }
}

}  // namespace squall::shop
