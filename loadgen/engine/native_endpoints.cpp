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

namespace {

model::TlsUse use_of(const net::TlsCounters& counters) {
  model::TlsUse use{counters.handshakes, counters.resumed, {}};
  for (const net::TlsSuite& suite : counters.suites) {
    use.suites.push_back({std::string(suite.version), std::string(suite.cipher), suite.handshakes});
  }
  return use;
}

}  // namespace

NativeEndpoints::NativeEndpoints(const model::Plan& plan) {
  for (const model::Target& target : plan.targets) {
    first_of_target.push_back(all.size());
    const net::TlsContext* tls = nullptr;
    std::string tls_problem;
    if (target.tls) {
      if (auto context = net::TlsContext::make(*target.tls)) {
        tls = contexts.emplace_back(std::move(*context)).get();
      } else {
        tls_problem = context.error().message;
      }
    }
    for (const model::Endpoint& replica : target.replicas) {
      NativeEndpoint endpoint;
      if (target.engine != model::EngineKind::kNative) {
        all.push_back(std::move(endpoint));  // its name is another engine's to resolve
        continue;
      }
      if (tls != nullptr) {
        endpoint.tls = std::make_unique<net::TlsClient>(*tls, replica.host);
      }
      if (!tls_problem.empty()) {
        endpoint.problem = tls_problem;
      } else if (auto resolved = net::SocketAddress::resolve(replica.host, replica.port)) {
        endpoint.addresses = std::move(*resolved);
        endpoint.is_loopback =
            std::all_of(endpoint.addresses.begin(), endpoint.addresses.end(),
                        [](const auto& address) { return address.is_loopback(); });
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

std::vector<model::TlsUse> NativeEndpoints::take_tls() {
  std::vector<model::TlsUse> uses;
  for (std::size_t target = 0; target + 1 < first_of_target.size(); ++target) {
    for (std::size_t i = first_of_target[target]; i < first_of_target[target + 1]; ++i) {
      if (all[i].tls == nullptr) {
        continue;
      }
      const net::TlsCounters counters = all[i].tls->take_counters();
      if (counters.handshakes > 0) {
        uses.resize(first_of_target.size() - 1);
        uses[target].add(use_of(counters));
      }
    }
  }
  return uses;
}

NativeEndpoint& NativeEndpoints::of(const Exchange& exchange) {
  SQUALL_CHECK(exchange.target + std::size_t{1} < first_of_target.size());
  const std::size_t index = first_of_target[exchange.target] + exchange.replica;
  SQUALL_CHECK(index < first_of_target[exchange.target + std::size_t{1}]);
  return all[index];
}

}  // namespace squall::engine
