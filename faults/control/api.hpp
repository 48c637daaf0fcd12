// The control API: requests in, answers out, over a ProxyServer.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "faults/control/api_problem.hpp"
#include "faults/control/api_route.hpp"
#include "faults/proxy/proxy_server.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::faults {

// What Toxiproxy's clients look at: from 2.6.0 on some use PATCH for updates.
inline constexpr std::string_view kToxiproxyVersion = "2.12.0";

// Toxiproxy's HTTP API (every route, status, text and header of it) and what squall adds: GET
// /events, fields of toxics and proxies, toxics in the body of a create, `ttl`. Borrows the
// proxies. Any thread.
class Api {
 public:
  struct Options {
    std::string version{kToxiproxyVersion};
    std::string token = {};        // when set, requests must carry "Authorization: Bearer <token>"
    bool proxy_metrics = false;    // with one of these two there is GET /metrics
    bool runtime_metrics = false;  // of the process
  };

  Api(ProxyServer& proxies, Options options);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // Whether answer() may have to wait for a resolver. Nothing else is ever waited for.
  [[nodiscard]] bool may_wait(const net::ServerRequest& request) const;
  [[nodiscard]] net::ServerReply answer(const net::ServerRequest& request);

  // What is answered to a request that was not answered in time, as Toxiproxy does after 25 s.
  [[nodiscard]] static net::ServerReply overdue();

 private:
  [[nodiscard]] tl::expected<ApiRoute, NoRoute> route_of(const net::ServerRequest& request) const;
  [[nodiscard]] net::ServerReply act(const ApiRoute& route, const net::ServerRequest& request);
  [[nodiscard]] net::ServerReply act_on_proxies(const ApiRoute& route,
                                                const net::ServerRequest& request);
  [[nodiscard]] net::ServerReply act_on_toxics(const ApiRoute& route, const std::string& body);
  [[nodiscard]] net::ServerReply create_proxy(const std::string& body);
  [[nodiscard]] net::ServerReply update_proxy(const ApiRoute& route, const std::string& body);
  [[nodiscard]] net::ServerReply populate_proxies(const std::string& body);
  [[nodiscard]] net::ServerReply create_toxic(const ApiRoute& route, const std::string& body);
  [[nodiscard]] net::ServerReply show_toxic(const ApiRoute& route) const;
  [[nodiscard]] net::ServerReply update_toxic(const ApiRoute& route, const std::string& body);
  [[nodiscard]] net::ServerReply metrics() const;
  [[nodiscard]] net::ServerReply events(const ApiRoute& route) const;
  [[nodiscard]] bool is_allowed(const net::ServerRequest& request) const;
  [[nodiscard]] std::string next_request_id();

  ProxyServer& proxies_;
  const Options options_;
  const TimePoint start_;
  const std::uint64_t id_base_;
  std::atomic<std::uint64_t> requests_{0};
};

}  // namespace squall::faults
