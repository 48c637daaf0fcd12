#include "faults/process/readiness.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/net/http_client.hpp"

namespace squall::faults {
namespace {

constexpr std::string_view kTcp = "tcp ";

// A descriptor that is closed in the end.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

int connect_problem(const addrinfo& address, Duration timeout) {
  const Socket socket(::socket(
      address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
  if (socket.fd() < 0) {
    return errno;
  }
  if (::connect(socket.fd(), address.ai_addr, address.ai_addrlen) == 0) {
    return 0;
  }
  if (errno != EINPROGRESS) {
    return errno;
  }
  pollfd connecting{socket.fd(), POLLOUT, 0};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  if (::poll(&connecting, 1, static_cast<int>(milliseconds)) <= 0) {
    return ETIMEDOUT;
  }
  int problem = 0;
  socklen_t length = sizeof problem;
  ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &problem, &length);
  return problem;
}

Result<void> probe_tcp(std::string_view place, Duration timeout) {
  const std::size_t colon = place.rfind(':');
  const std::string host(place.substr(0, colon));
  const std::string port(colon == std::string_view::npos ? "" : place.substr(colon + 1));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int problem = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list); problem != 0) {
    return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", place, ::gai_strerror(problem)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, &::freeaddrinfo);
  int problem = 0;
  for (const addrinfo* address = list; address != nullptr; address = address->ai_next) {
    problem = connect_problem(*address, timeout);
    if (problem == 0) {
      return {};
    }
  }
  return fail(ErrorCode::kUnavailable,
              fmt::format("{}: {}", place, std::generic_category().message(problem)));
}

net::ClientRequest request_of(const model::Service& service, Duration timeout) {
  const std::string& ready = service.ready;
  net::ClientRequest request;
  request.tls = service.ready_tls;
  request.timeout = timeout;
  const std::size_t blank = ready.find(' ');
  if (blank == std::string::npos) {
    request.url = ready;
  } else {
    request.method = ready.substr(0, blank);
    request.url = std::string(trim(std::string_view(ready).substr(blank)));
  }
  return request;
}

}  // namespace

Result<void> probe_readiness(const model::Service& service, Duration timeout) {
  if (service.ready.starts_with(kTcp)) {
    return probe_tcp(trim(std::string_view(service.ready).substr(kTcp.size())), timeout);
  }
  const net::ClientRequest request = request_of(service, timeout);
  const Result<net::ClientResponse> answer = net::send(request);
  if (!answer) {
    return fail(answer.error());
  }
  if (answer->status < 200 || answer->status >= 300) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} answered {}", request.url, answer->status));
  }
  return {};
}

}  // namespace squall::faults
