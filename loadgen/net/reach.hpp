// Whether anybody listens at a server's address.
#pragma once

#include <string>

#include "loadgen/base/http_route.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::net {

// Connects as send() would, sends nothing and closes: to the server itself, or to the proxy or the
// unix socket of its route. Does not begin TLS: what answers by that is reached. Blocks up to
// `timeout`. kUnavailable when nobody takes the connection; the message says why and holds nothing
// of the URL but its host and port. Any thread.
[[nodiscard]] Result<void> reach(const std::string& host_and_port, const HttpRoute& route,
                                 Duration timeout);

}  // namespace squall::net
