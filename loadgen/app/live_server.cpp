#include "loadgen/app/live_server.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "loadgen/model/endpoint.hpp"
#include "reports/live/dashboard_page.hpp"

namespace squall::app {
namespace {

net::ServerReply plain(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "text/plain"}}, .body = std::move(body)};
}

net::ServerReply refused_method() {
  net::ServerReply reply = plain(405, "squall: GET\n");
  reply.headers.emplace_back("Allow", "GET, HEAD");
  return reply;
}

net::ServerReply answer_scrape(const net::ServerRequest& request,
                               const std::function<std::string()>& text) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (path != "/metrics") {
    return plain(404, "squall: the metrics are at /metrics\n");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return refused_method();
  }
  return {.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"},
                      {"Cache-Control", "no-store"}},
          .body = text()};
}

// Whether a browser says that another page asks.
bool comes_from_elsewhere(const net::ServerRequest& request) {
  const std::string_view origin = request.header("Origin");
  const std::string_view site = request.header("Sec-Fetch-Site");
  return (!origin.empty() && origin != "http://" + std::string(request.header("Host"))) ||
         (!site.empty() && site != "same-origin" && site != "none");
}

net::ServerReply page() {
  return {.headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Content-Security-Policy", reports::dashboard_policy()},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"}},
          .body = reports::dashboard_page()};
}

net::ServerReply events(const net::ServerRequest& request, reports::RunStream& stream) {
  return {.action = net::ServerReply::Action::kStream,
          .headers = {{"Content-Type", "text/event-stream"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "no-store"}},
          .body = "retry: 1000\n\n",
          .more = [&stream, viewer = stream.watch(request.header("Last-Event-ID"))]()
              -> std::optional<std::string> { return stream.next(*viewer); }};
}

net::ServerReply answer_browser(const net::ServerRequest& request, const std::string& bound,
                                reports::RunStream& stream) {
  if (!net::host_names_listener(request.header("Host"), bound)) {
    return plain(421, "squall: this is not the host that it listens as\n");
  }
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (path != "/" && path != "/events") {
    return plain(404, "squall: the page is at /\n");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return refused_method();
  }
  if (path == "/") {
    return page();
  }
  return comes_from_elsewhere(request) ? plain(403, "squall: only its own page may ask\n")
                                       : events(request, stream);
}

net::HttpServer::Options options_for(const net::ListenAddress& at) {
  net::HttpServer::Options options;
  options.host = at.host;
  options.port = at.port;
  options.max_body_bytes = 0;
  options.max_connections = 64;
  options.write_timeout = std::chrono::seconds(10);
  return options;
}

}  // namespace

Result<std::unique_ptr<net::HttpServer>> serve_dashboard(const net::ListenAddress& at,
                                                         reports::RunStream& stream) {
  return net::HttpServer::start(options_for(at),
                                [&stream, bound = at.host](const net::ServerRequest& request) {
                                  return answer_browser(request, bound, stream);
                                });
}

Result<std::unique_ptr<net::HttpServer>> serve_metrics(const net::ListenAddress& at,
                                                       std::function<std::string()> text) {
  return net::HttpServer::start(options_for(at),
                                [text = std::move(text)](const net::ServerRequest& request) {
                                  return answer_scrape(request, text);
                                });
}

std::string url_of(const net::ListenAddress& at, const net::HttpServer& server) {
  return fmt::format("http://{}:{}", model::with_brackets(at.host), server.port());
}

}  // namespace squall::app
