// A plan's schedule against a server that does nothing: what is left is the instrument.
#pragma once

#include <cstdint>

#include "loadgen/model/plan.hpp"

namespace squall::app {

// The plan with its arrivals, users, steps, templates, engines and threads, but sent to
// 127.0.0.1:`port` in plain HTTP/1.1 (a null server's, which answers 200 to everything). Without
// what a target would do or would have to know: faults, services, proxies, actions, effects,
// checks, retries, expectations, extracted values (empty where a template names them), conditions
// of a flow (its steps are done one after the other, each once).
[[nodiscard]] model::Plan null_plan(const model::Plan& plan, std::uint16_t port);

}  // namespace squall::app
