// What the control API shows.
#pragma once

#include <string>
#include <vector>

#include "faults/control/api_problem.hpp"
#include "faults/proxy/proxy_event.hpp"
#include "faults/proxy/proxy_settings.hpp"

namespace squall::faults {

// Objects have their members in Toxiproxy's order, and behind them what squall adds.
void append_proxy(const ProxyView& proxy, std::string& out);
void append_toxic(const ToxicView& toxic, std::string& out);

// {"<name>": …}, in the order of `proxies`.
[[nodiscard]] std::string proxies_json(const std::vector<ProxyView>& proxies);
[[nodiscard]] std::string toxics_json(const std::vector<ToxicView>& toxics);
// Of POST /populate: `proxies` are those that were made; null when there are none.
[[nodiscard]] std::string populated_json(const std::vector<ProxyView>& proxies,
                                         const ApiProblem* problem);
// {"error": …, "status": …}
[[nodiscard]] std::string problem_json(const ApiProblem& problem);
// {"events": […]}; instants count from `start`, in nanoseconds.
[[nodiscard]] std::string events_json(const std::vector<ProxyEvent>& events, TimePoint start);

}  // namespace squall::faults
