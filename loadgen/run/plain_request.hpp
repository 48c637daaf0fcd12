// Requests beside the load: set-up and teardown.
#pragma once

#include "loadgen/base/result.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/net/http_client.hpp"

namespace squall::run {

// Sends a request of the plan to the first replica of its first target, {{run}}, {{now}} and
// {{seq}} (`sequence`) filled in. Blocks up to that target's timeout. kUnavailable when there was
// no answer or its status is not 2xx or 3xx; the message names the request.
Result<net::ClientResponse> send_plain(const model::Plan& plan, const model::RequestSpec& request,
                                       std::uint64_t sequence);

}  // namespace squall::run
