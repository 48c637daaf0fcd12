#include "faults/control/api_server.hpp"

#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

constexpr std::size_t kSlowThreads = 8;

// "localhost" is IPv4, as for a proxy.
std::string host_of(const std::string& host) {
  return equals_ignoring_case(host, "localhost") ? "127.0.0.1" : host;
}

}  // namespace

Result<std::unique_ptr<ApiServer>> ApiServer::start(ProxyServer& proxies, const Options& options) {
  std::unique_ptr<ApiServer> made(new ApiServer(proxies, options));
  net::HttpServer::Options http;
  http.host = host_of(options.host);
  http.port = options.port;
  http.answer_timeout = options.answer_timeout;
  http.overdue = Api::overdue();
  auto server = net::HttpServer::start_late(
      http, [api = made.get()](net::ServerRequest request, net::HttpServer::Answer answer) {
        api->take(std::move(request), std::move(answer));
      });
  if (!server) {
    return fail(std::move(server.error()));
  }
  made->server_ = std::move(*server);
  return made;
}

ApiServer::ApiServer(ProxyServer& proxies, const Options& options)
    : log_(options.log), api_(proxies, options.api), slow_calls_(kSlowThreads) {}

ApiServer::~ApiServer() = default;

void ApiServer::take(net::ServerRequest request, net::HttpServer::Answer answer_to) {
  if (api_.may_wait(request)) {
    slow_calls_.add([this, request = std::move(request), answer_to = std::move(answer_to)] {
      answer(request, answer_to);
    });
  } else {
    answer(request, answer_to);
  }
}

void ApiServer::answer(const net::ServerRequest& request,
                       const net::HttpServer::Answer& answer_to) {
  net::ServerReply reply = api_.answer(request);
  if (log_) {
    log_(LogLevel::kDebug,
         fmt::format("request method={} target={} status={}", printable(request.method),
                     printable(request.target), reply.status));
  }
  answer_to(std::move(reply));
}

}  // namespace squall::faults
