// The control API on a port.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "faults/control/api.hpp"
#include "faults/control/api_log.hpp"
#include "faults/control/slow_calls.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::faults {

// Owns its threads; borrows the proxies. It answers at once whatever the proxies' traffic does;
// requests that wait for a resolver hold up nobody but others of their kind, when there are many.
class ApiServer {
 public:
  struct Options {
    std::string host = "localhost";
    std::uint16_t port = 0;  // 0: any free one
    Api::Options api = {};
    Duration answer_timeout = std::chrono::seconds(25);
    ApiLog log = {};  // requests at debug level; may be empty
  };

  // kUnavailable when the address cannot be bound.
  [[nodiscard]] static Result<std::unique_ptr<ApiServer>> start(ProxyServer& proxies,
                                                                const Options& options);
  // Waits for a resolver that is being asked.
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  ApiServer(ProxyServer& proxies, const Options& options);
  void take(net::ServerRequest request, net::HttpServer::Answer answer);
  void answer(const net::ServerRequest& request, const net::HttpServer::Answer& answer);

  const ApiLog log_;
  Api api_;
  SlowCalls slow_calls_;
  std::unique_ptr<net::HttpServer> server_;  // last: it uses all the others
};

}  // namespace squall::faults
