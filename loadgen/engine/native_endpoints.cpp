#include <algorithm>
#include <limits>

#include "loadgen/base/check.hpp"
#include "loadgen/engine/native_connection.hpp"

namespace squall::engine {

void NativeEndpoint::push_idle(Connection& connection) {
  connection.older = newest;
  connection.newer = nullptr;
  (newest == nullptr ? oldest : newest->newer) = &connection;
  newest = &connection;
}

void NativeEndpoint::remove_idle(Connection& connection) {
  (connection.older == nullptr ? oldest : connection.older->newer) = connection.newer;
  (connection.newer == nullptr ? newest : connection.newer->older) = connection.older;
  connection.older = connection.newer = nullptr;
}

NativeEndpoints::NativeEndpoints(const model::Plan& plan) {
  for (const model::Target& target : plan.targets) {
    first_of_target.push_back(all.size());
    for (const model::Endpoint& replica : target.replicas) {
      NativeEndpoint endpoint;
      if (auto resolved = net::SocketAddress::resolve(replica.host, replica.port)) {
        endpoint.addresses = std::move(*resolved);
      } else {
        endpoint.problem = to_string(resolved.error());
      }
      constexpr std::uint64_t kLargest = std::numeric_limits<std::uint32_t>::max();
      const std::uint64_t max_header = target.max_header.bytes;
      endpoint.connect_timeout = target.connect_timeout;
      endpoint.idle_limit = target.idle_limit;
      endpoint.max_header = max_header == 0
                                ? net::HttpResponseParser::kDefaultHeaderLimit
                                : static_cast<std::uint32_t>(std::min(max_header, kLargest));
      endpoint.max_body_kept = target.max_body_kept.bytes;
      all.push_back(std::move(endpoint));
    }
  }
  first_of_target.push_back(all.size());
}

NativeEndpoint& NativeEndpoints::of(const Exchange& exchange) {
  SQUALL_CHECK(exchange.target + std::size_t{1} < first_of_target.size());
  const std::size_t index = first_of_target[exchange.target] + exchange.replica;
  SQUALL_CHECK(index < first_of_target[exchange.target + std::size_t{1}]);
  return all[index];
}

}  // namespace squall::engine
