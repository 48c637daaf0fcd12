// Many proxies at once, from a request or a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/control/api_problem.hpp"
#include "faults/proxy/proxy_server.hpp"

namespace squall::faults {

// What came of it: proxies as they are now, in the order of the request, up to the first problem.
struct Populated {
  std::vector<ProxyView> proxies;
  std::optional<ApiProblem> problem;
};

// Puts every proxy of the JSON array. Nothing happens when it cannot be read or when a name or an
// upstream is missing; a later problem (a port that is taken) leaves those before it in place. May
// wait for the resolver.
[[nodiscard]] Populated populate(ProxyServer& proxies, std::string_view json);

// The same from a file of that format; a file that cannot be read is a problem, too.
[[nodiscard]] Populated populate_from_file(ProxyServer& proxies, const std::string& path);

}  // namespace squall::faults
