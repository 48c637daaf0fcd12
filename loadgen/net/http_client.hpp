// A plain blocking HTTP client (libcurl) for everything that is not load: probes, set-up, oracles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/http_route.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/base/tls_settings.hpp"

namespace squall::net {

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // sent when not empty or when the method is POST, PUT or PATCH
  Duration timeout = std::chrono::seconds(10);
  std::uint64_t max_body_bytes = 64ULL * 1024 * 1024;
  TlsSettings tls;  // for https; a session is never resumed here
  HttpRoute route;  // its credentials stand in no message
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Duration elapsed{};

  // First header of that name, ignoring case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Sends one request on a fresh connection, so that libcurl's silent repeat after a reset on a
// reused connection cannot happen; follows no redirect, uses no proxy from the environment (the
// route's, when it has one), speaks http only unless the URL says https. Blocks the calling thread
// up to request.timeout. kUnavailable when no complete answer came (message says why), kExhausted
// when the body is larger than max_body_bytes. Any thread.
[[nodiscard]] Result<ClientResponse> send(const ClientRequest& request);

}  // namespace squall::net
