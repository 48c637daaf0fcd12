// Where a server of squall is told to listen, and whether a browser means it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::net {

struct ListenAddress {
  std::string host;        // numeric or a name, without brackets
  std::uint16_t port = 0;  // 0: any free one
};
// "127.0.0.1:9646", "[::1]:0", "localhost:8080"; kInvalidArgument with an example for anything
// else.
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

// Whether a Host header names a server that was bound to `bound_host`: the same name, any name of
// loopback when it is one, any address when it is every address. Another name means that a page of
// somebody else was made to lead here (DNS rebinding). The port is not looked at.
[[nodiscard]] bool host_names_listener(std::string_view host_header, std::string_view bound_host);

}  // namespace squall::net
