#include "loadgen/net/socket_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <cstring>
#include <memory>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"

namespace squall::net {
namespace {

std::string without_brackets(const std::string& host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

SocketAddress::SocketAddress() : storage_{} {
  storage_.sin6_family = AF_INET;
}

SocketAddress::SocketAddress(const sockaddr& address) : storage_{} {
  SQUALL_CHECK(address.sa_family == AF_INET || address.sa_family == AF_INET6);
  const std::size_t size =
      address.sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  std::memcpy(&storage_, &address, size);
}

Result<SocketAddress> SocketAddress::parse(const std::string& ip, std::uint16_t port) {
  const std::string bare = without_brackets(ip);
  SocketAddress result;
  in_addr v4{};
  if (inet_pton(AF_INET, bare.c_str(), &v4) == 1) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr = v4;
    address.sin_port = htons(port);
    std::memcpy(&result.storage_, &address, sizeof address);
    return result;
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, bare.c_str(), &v6) == 1) {
    result.storage_.sin6_family = AF_INET6;
    result.storage_.sin6_addr = v6;
    result.storage_.sin6_port = htons(port);
    return result;
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("\"{}\" is not an IP address (like 127.0.0.1 or ::1)", printable(ip)));
}

Result<std::vector<SocketAddress>> SocketAddress::resolve(const std::string& host,
                                                          std::uint16_t port) {
  if (auto numeric = parse(host, port)) {
    return std::vector<SocketAddress>{*numeric};
  }
  if (equals_ignoring_case(host, "localhost")) {
    return std::vector<SocketAddress>{*parse("::1", port), *parse("127.0.0.1", port)};
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* each = found; result == 0 && each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET || each->ai_family == AF_INET6) {
      addresses.emplace_back(*each->ai_addr);
    }
  }
  if (addresses.empty()) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("cannot resolve \"{}\": {}", printable(host),
                            result != 0 ? gai_strerror(result) : "no address"));
  }
  return addresses;
}

const sockaddr* SocketAddress::raw() const {
  return reinterpret_cast<const sockaddr*>(&storage_);
}

std::uint16_t SocketAddress::port() const {
  return ntohs(storage_.sin6_port);  // at the same place in both families
}

bool SocketAddress::is_loopback() const {
  if (storage_.sin6_family == AF_INET6) {
    return IN6_IS_ADDR_LOOPBACK(&storage_.sin6_addr) != 0;
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &storage_, sizeof v4);
  constexpr std::uint32_t kLoopbackNetwork = 127;
  return ntohl(v4.sin_addr.s_addr) >> 24U == kLoopbackNetwork;
}

std::string SocketAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (storage_.sin6_family == AF_INET6) {
    inet_ntop(AF_INET6, &storage_.sin6_addr, text, sizeof text);
    return fmt::format("[{}]:{}", text, port());
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &storage_, sizeof v4);
  inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  return fmt::format("{}:{}", text, port());
}

}  // namespace squall::net
