// How a curl command gets to the server that squall's own requests get to.
#pragma once

#include <string>

#include "loadgen/effects/curl_line.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::effects {

// The options for a target's first replica, each with a blank before it: HTTP version, proxy,
// credentials, unix socket, other addresses, TLS. Passwords that are no environment variable's
// stand as ***.
[[nodiscard]] std::string route_options(const model::Plan& plan, const model::Target& target,
                                        const SecretNames& secrets);

}  // namespace squall::effects
