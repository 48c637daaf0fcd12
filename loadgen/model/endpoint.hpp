// Where squall sends to, and where it may.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::model {

// Scheme, host and port of a URL that squall sends to.
struct Endpoint {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, without brackets
  std::uint16_t port = 80;
  std::string base_path;  // "" or "/prefix", without a trailing slash

  // "host:port" as it stands in the Host header; port left out when default.
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] std::string url() const;  // scheme://authority + base_path
  [[nodiscard]] bool is_tls() const { return scheme == "https"; }
  bool operator==(const Endpoint&) const = default;
};
// kInvalidArgument with an example when `url` is not an absolute http or https URL.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view url);

// The host as it stands in a URL: an IPv6 address in brackets.
[[nodiscard]] std::string with_brackets(std::string_view host);

// "localhost", 127.0.0.0/8, ::1.
[[nodiscard]] bool is_loopback(std::string_view host);

// Whether `host` (lower case, without brackets) is loopback or named in `allowed`, whose entries
// are "host" (any port) or "host:port" in lower case, IPv6 addresses in brackets, as in
// Plan::allowed_hosts. The one rule for everything that squall sends anywhere.
[[nodiscard]] bool may_send_to(std::string_view host, std::uint16_t port,
                               const std::vector<std::string>& allowed);

}  // namespace squall::model
