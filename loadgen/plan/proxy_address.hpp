// Addresses of proxies as plans write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::plan {

struct ProxyAddress {
  std::string host;  // lower case, without brackets
  std::uint16_t port = 0;
  bool is_tls = false;  // written with https://
};

// "127.0.0.1:5432", "[::1]:5432", "db.example:5432", and for what speaks TLS
// "https://db.example:5432". kInvalidArgument with an example for anything else: a port is always
// written out, a path means nothing here.
[[nodiscard]] Result<ProxyAddress> parse_proxy_upstream(std::string_view text);

// "127.0.0.1:15432": where a proxy of a plan may listen, on this host and at a port of its own.
[[nodiscard]] Result<ProxyAddress> parse_proxy_listen(std::string_view text);

// As it stands in an address.
[[nodiscard]] std::string to_text(const ProxyAddress& address);

}  // namespace squall::plan
