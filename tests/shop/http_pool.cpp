#include "tests/shop/http_pool.hpp"

#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"

namespace squall::shop {
namespace {

constexpr Duration kIdleLimit = std::chrono::seconds(2);
// httplib takes zero as "do not wait".
constexpr Duration kForEver = std::chrono::hours(24 * 365);

// A peer that vanished without a word is noticed by the kernel: by keep-alive probes while a call
// waits for its answer, by the missing acknowledgement of what was sent.
void watch_peer(int socket, Duration limit) {
  const int on = 1;
  const int seconds = std::max(
      1, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(limit).count()));
  const auto milliseconds =
      static_cast<unsigned>(std::chrono::duration_cast<std::chrono::milliseconds>(limit).count());
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

}  // namespace

Result<std::unique_ptr<HttpPool>> HttpPool::make(const std::string& base_url, Duration timeout) {
  constexpr std::string_view kScheme = "http://";
  const std::size_t path_at = base_url.find('/', kScheme.size());
  const std::string origin = base_url.substr(0, path_at);
  std::string base_path = path_at == std::string::npos ? "" : base_url.substr(path_at);
  while (base_path.ends_with('/')) {
    base_path.pop_back();
  }
  if (!base_url.starts_with(kScheme) || origin.size() == kScheme.size() ||
      !httplib::Client(origin).is_valid()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not an http URL such as http://127.0.0.1:9000", base_url));
  }
  return std::unique_ptr<HttpPool>(new HttpPool(origin, std::move(base_path), timeout));
}

HttpPool::HttpPool(std::string origin, std::string base_path, Duration timeout)
    : origin_(std::move(origin)), base_path_(std::move(base_path)), timeout_(timeout) {}

HttpPool::~HttpPool() = default;

std::unique_ptr<httplib::Client> HttpPool::take() {
  const TimePoint now = monotonic_now();
  const std::lock_guard lock(mutex_);
  // The last one is the youngest: when it is too old, all are.
  if (!idle_.empty() && now - idle_.back().since > kIdleLimit) {
    idle_.clear();
  }
  if (!idle_.empty()) {
    std::unique_ptr<httplib::Client> client = std::move(idle_.back().client);
    idle_.pop_back();
    return client;
  }
  auto client = std::make_unique<httplib::Client>(origin_);
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  const Duration limit = timeout_ == Duration::zero() ? kForEver : timeout_;
  client->set_connection_timeout(limit);
  client->set_read_timeout(limit);
  client->set_write_timeout(limit);
  if (timeout_ != Duration::zero()) {
    client->set_socket_options([limit](socket_t socket) { watch_peer(socket, limit); });
  }
  return client;
}

void HttpPool::give_back(std::unique_ptr<httplib::Client> client) {
  const std::lock_guard lock(mutex_);
  idle_.push_back({std::move(client), monotonic_now()});
}

Result<PoolAnswer> HttpPool::send(const PoolRequest& request) {
  std::unique_ptr<httplib::Client> client = take();
  httplib::Request sent;
  sent.method = request.method;
  sent.path = base_path_ + request.path;
  if (sent.path.empty()) {
    sent.path = "/";
  }
  sent.headers.insert(request.headers.begin(), request.headers.end());
  sent.body = request.body;
  const httplib::Result result = client->send(sent);
  if (!result) {
    const bool unsent = result.error() == httplib::Error::Connection ||
                        result.error() == httplib::Error::ConnectionTimeout;
    return fail(unsent ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                fmt::format("no answer from {}: {}", origin_, httplib::to_string(result.error())));
  }
  PoolAnswer answer{result->status, result->body, {result->headers.begin(), result->headers.end()}};
  give_back(std::move(client));
  return answer;
}

Result<PoolAnswer> HttpPool::post(const std::string& path, Headers headers,
                                  const std::string& json) {
  headers.emplace_back("Content-Type", "application/json");
  return send({"POST", path, std::move(headers), json});
}

}  // namespace squall::shop
