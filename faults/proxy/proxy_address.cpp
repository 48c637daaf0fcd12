#include "faults/proxy/proxy_address.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

constexpr std::string_view kTlsScheme = "https://";

bool is_ipv4(const net::SocketAddress& address) {
  return address.raw()->sa_family == AF_INET;
}

void put_ipv4_first(std::vector<net::SocketAddress>& addresses) {
  std::stable_partition(addresses.begin(), addresses.end(), is_ipv4);
}

bool is_wildcard(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

// The C library's words with a small letter in front.
std::string reason(int error) {
  const char* const words = ::strerrordesc_np(error);
  std::string text = words != nullptr ? words : fmt::format("error {}", error);
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

}  // namespace

Result<HostPort> parse_host_port(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto bad = [&text](std::string_view why) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("address {}: {}; write for example localhost:3306", printable(text), why));
  };
  if (colon == std::string::npos) {
    return bad("missing port in address");
  }
  HostPort result{.host = text.substr(0, colon)};
  const std::string_view digits = std::string_view(text).substr(colon + 1);
  const auto [end, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
  if (digits.empty() || code != std::errc{} || end != digits.data() + digits.size()) {
    return bad("invalid port");
  }
  const bool bracketed =
      result.host.size() >= 2 && result.host.front() == '[' && result.host.back() == ']';
  if (bracketed) {
    result.host = result.host.substr(1, result.host.size() - 2);
  } else if (result.host.find(':') != std::string::npos) {
    return bad("too many colons in address");
  }
  return result;
}

bool speaks_tls(const std::string& upstream) {
  return equals_ignoring_case(std::string_view(upstream).substr(0, kTlsScheme.size()), kTlsScheme);
}

Result<HostPort> parse_upstream(const std::string& text) {
  if (!speaks_tls(text)) {
    return parse_host_port(text);
  }
  std::string address = text.substr(kTlsScheme.size());
  if (address.ends_with('/')) {
    address.pop_back();
  }
  const std::size_t colon = address.rfind(':');
  const bool has_port = colon != std::string::npos && address.find(']', colon) == std::string::npos;
  auto parsed = parse_host_port(has_port ? address : address + ":443");
  if (parsed && parsed->host.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("upstream {}: missing host; write for example https://localhost:8443",
                            printable(text)));
  }
  return parsed;
}

Result<net::SocketAddress> resolve_listen(const std::string& text) {
  auto parts = parse_host_port(text);
  if (!parts) {
    return fail(std::move(parts.error()));
  }
  if (is_wildcard(parts->host)) {
    return net::SocketAddress::parse("::", parts->port);
  }
  auto addresses = net::SocketAddress::resolve(parts->host, parts->port);
  if (!addresses) {
    return fail(std::move(addresses.error()));
  }
  put_ipv4_first(*addresses);
  return addresses->front();
}

std::vector<net::SocketAddress> known_addresses(const std::string& host, std::uint16_t port) {
  // An empty host is this one, as it is for a listener.
  const bool local = host.empty() || equals_ignoring_case(host, "localhost");
  if (!local && !net::SocketAddress::parse(host, port).has_value()) {
    return {};
  }
  auto addresses = net::SocketAddress::resolve(local ? "localhost" : host, port);
  if (!addresses) {
    return {};
  }
  put_ipv4_first(*addresses);
  return std::move(*addresses);
}

std::string listen_problem(const net::SocketAddress& at, int error) {
  return fmt::format("listen tcp {}: bind: {}", at.to_string(), reason(error));
}

std::string connect_problem(const net::SocketAddress& to, int error) {
  return fmt::format("dial tcp {}: connect: {}", to.to_string(), reason(error));
}

}  // namespace squall::faults
