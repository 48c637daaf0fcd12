// Requests beside the load: set-up and teardown.
#pragma once

#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/net/http_client.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::run {

// A request of the plan to the first replica of `target`, {{run}}, {{now}} and {{seq}} (`sequence`)
// filled in, with that target's headers, timeout and way to go.
[[nodiscard]] net::ClientRequest client_request(const model::Plan& plan,
                                                const model::Target& target,
                                                const model::RequestSpec& request,
                                                std::uint64_t sequence);

// Sends a request of the plan to the first replica of its first target, {{run}}, {{now}} and
// {{seq}} (`sequence`) filled in. Blocks up to that target's timeout. kUnavailable when there was
// no answer or its status is not 2xx or 3xx; the message names the request and holds no secrets.
Result<net::ClientResponse> send_plain(const model::Plan& plan, const model::RequestSpec& request,
                                       std::uint64_t sequence);

// Sends the plan's [[setup]] requests in order, {{seq}} counting from 0. Ends at the first that
// fails, with its error; and, without one, as soon as `stop` is raised, which the caller sees
// itself.
[[nodiscard]] Result<void> set_up(const model::Plan& plan, const StopSignal& stop);

// Sends the plan's [[teardown]] requests in order, {{seq}} counting from 0: each of them, whatever
// became of the others and of the set-up, and after a stop signal too. Gives the failures, in
// order.
[[nodiscard]] std::vector<Error> tear_down(const model::Plan& plan);

}  // namespace squall::run
