// Addresses as Toxiproxy's users write them: "localhost:3306", ":8666", "[::1]:0", "db:5432".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/net/socket_address.hpp"

namespace squall::faults {

struct HostPort {
  std::string host;  // without brackets; may be empty
  std::uint16_t port = 0;
};

// kInvalidArgument with an example for anything that does not end in ":" and a port.
[[nodiscard]] Result<HostPort> parse_host_port(const std::string& text);

// An upstream with TLS begins with "https://"; anything else is a plain address.
[[nodiscard]] bool speaks_tls(const std::string& upstream);
// The address in an upstream of either kind; "https://host" is port 443. As parse_host_port().
[[nodiscard]] Result<HostPort> parse_upstream(const std::string& text);

// Where a listener listens. "localhost" is 127.0.0.1; wildcards ("", "0.0.0.0", "::") are [::],
// which takes IPv4, too; a name is its first IPv4 address, or else its first one. Asks the resolver
// for names and blocks meanwhile: never on a loop.
[[nodiscard]] Result<net::SocketAddress> resolve_listen(const std::string& text);

// Where to connect to, as far as that needs no resolver: numeric addresses, and "localhost" with
// IPv4 first. Empty for other names.
[[nodiscard]] std::vector<net::SocketAddress> known_addresses(const std::string& host,
                                                              std::uint16_t port);

// "listen tcp 127.0.0.1:3310: bind: address already in use": clients of Toxiproxy know this form.
[[nodiscard]] std::string listen_problem(const net::SocketAddress& at, int error);
// "dial tcp 127.0.0.1:3306: connect: connection refused".
[[nodiscard]] std::string connect_problem(const net::SocketAddress& to, int error);

}  // namespace squall::faults
