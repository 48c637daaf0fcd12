// What other programs see of a run while it goes on, over HTTP.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/net/http_server.hpp"
#include "loadgen/net/listen_address.hpp"
#include "reports/live/run_stream.hpp"

namespace squall::app {

// GET /metrics: what `text` gives, which is called on the server's thread and must outlive it.
// Answers until it is destroyed. kUnavailable when the address cannot be bound (names it).
[[nodiscard]] Result<std::unique_ptr<net::HttpServer>> serve_metrics(
    const net::ListenAddress& at, std::function<std::string()> text);

// GET /: a page that shows the run as GET /events tells of it. Refuses requests that name another
// host than `at` (an outsider's page whose name was made to lead here) or come from another page.
// `stream` must outlive it and be told to wake it.
[[nodiscard]] Result<std::unique_ptr<net::HttpServer>> serve_dashboard(const net::ListenAddress& at,
                                                                       reports::RunStream& stream);

// "http://127.0.0.1:9646" of a server that listens.
[[nodiscard]] std::string url_of(const net::ListenAddress& at, const net::HttpServer& server);

}  // namespace squall::app
