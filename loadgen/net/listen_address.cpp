#include "loadgen/net/listen_address.hpp"

#include <charconv>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/net/socket_address.hpp"

namespace squall::net {
namespace {

bool has_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  return colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon);
}

bool is_loopback_host(const std::string& host) {
  const auto address = SocketAddress::parse(host, 0);
  return address ? address->is_loopback() : host == "localhost";
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refusal = [&] {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("\"{}\" is no address to listen at: write 127.0.0.1:9646, or port 0 for "
                    "any free one",
                    printable(text)));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return refusal();
  }
  ListenAddress address;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  const bool ambiguous = !bracketed && host.find(':') != std::string_view::npos;
  if (port.empty() || code != std::errc() || end != port.data() + port.size() || host.empty() ||
      ambiguous || host.find_first_of("/@ []") != std::string_view::npos) {
    return refusal();
  }
  address.host = host;
  return address;
}

bool host_names_listener(std::string_view host_header, std::string_view bound_host) {
  std::string with_port(host_header);
  with_port += has_port(host_header) ? "" : ":80";
  const auto asked = parse_listen_address(with_port);
  if (!asked) {
    return false;
  }
  const std::string host = to_lower(asked->host);
  const std::string bound = to_lower(bound_host);
  if (host == bound) {
    return true;
  }
  if (bound == "0.0.0.0" || bound == "::") {
    return is_loopback_host(host) || SocketAddress::parse(host, 0).has_value();
  }
  return is_loopback_host(bound) && is_loopback_host(host);
}

}  // namespace squall::net
