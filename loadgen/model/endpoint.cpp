#include "loadgen/model/endpoint.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::model {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::string_view kExample = "\"http://127.0.0.1:8080\"";

tl::unexpected<Error> bad_url(std::string_view url, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("\"{}\" {}; write for example {}", printable(url), why, kExample));
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

bool is_path(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\';
  });
}

// "host", "host:port", "[v6]" or "[v6]:port".
struct HostAndPort {
  std::string_view host;
  std::string_view port;  // with its colon; empty when there is none
  bool bracketed = false;
};

std::optional<HostAndPort> split_authority(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    return HostAndPort{authority.substr(1, close - 1), authority.substr(close + 1), true};
  }
  const std::size_t colon = authority.find(':');
  return HostAndPort{authority.substr(0, colon),
                     colon == std::string_view::npos ? std::string_view{} : authority.substr(colon),
                     false};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (code != std::errc() || end != text.data() + text.size() || port == 0) {
    return std::nullopt;
  }
  return port;
}

}  // namespace

std::string Endpoint::authority() const {
  std::string text = with_brackets(host);
  if (port != (is_tls() ? kHttpsPort : kHttpPort)) {
    text += fmt::format(":{}", port);
  }
  return text;
}

std::string Endpoint::url() const {
  return fmt::format("{}://{}{}", scheme, authority(), base_path);
}

Result<Endpoint> parse_endpoint(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) {
    return bad_url(url, "is not an absolute URL");
  }
  Endpoint endpoint;
  endpoint.scheme = to_lower(url.substr(0, scheme_end));
  if (endpoint.scheme != "http" && !endpoint.is_tls()) {
    return bad_url(url, "does not start with http:// or https://");
  }
  endpoint.port = endpoint.is_tls() ? kHttpsPort : kHttpPort;
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::size_t path_at = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, path_at);
  std::string_view path = rest.substr(path_at);
  if (authority.find('@') != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument,
                "credentials do not belong into a URL; put them into `headers`, for example "
                "Authorization = \"Bearer ${env:TOKEN}\"");
  }
  const auto parts = split_authority(authority);
  endpoint.host = parts ? to_lower(parts->host) : "";
  if (!parts || !(parts->bracketed ? is_ipv6(endpoint.host) : is_host_name(endpoint.host))) {
    return bad_url(url, "has no valid host");
  }
  if (!parts->port.empty()) {
    const auto port =
        parts->port.starts_with(':') ? parse_port(parts->port.substr(1)) : std::nullopt;
    if (!port) {
      return bad_url(url, "has no valid port (1 to 65535)");
    }
    endpoint.port = *port;
  }
  if (path.find_first_of("?#") != std::string_view::npos) {
    return bad_url(url, "has a query or fragment, which belong into a step's `request`");
  }
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  if (!is_path(path)) {
    return bad_url(url, "has a blank or another character that URLs cannot hold in its path");
  }
  endpoint.base_path = path;
  return endpoint;
}

std::string with_brackets(std::string_view host) {
  return host.find(':') == std::string_view::npos ? std::string(host) : fmt::format("[{}]", host);
}

bool is_loopback(std::string_view host) {
  if (equals_ignoring_case(host, "localhost")) {
    return true;
  }
  const std::string text(host);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool may_send_to(std::string_view host, std::uint16_t port,
                 const std::vector<std::string>& allowed) {
  if (is_loopback(host)) {
    return true;
  }
  const std::string alone = with_brackets(host);
  const std::string with_port = fmt::format("{}:{}", alone, port);
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& entry) {
    return entry == alone || entry == with_port;
  });
}

}  // namespace squall::model
