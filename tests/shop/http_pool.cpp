#include "tests/shop/http_pool.hpp"

#include <httplib.h>

#include <chrono>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"

namespace squall::shop {
namespace {

constexpr Duration kIdleLimit = std::chrono::seconds(2);

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
  client->set_connection_timeout(timeout_);
  client->set_read_timeout(timeout_);
  client->set_write_timeout(timeout_);
  return client;
}

void HttpPool::give_back(std::unique_ptr<httplib::Client> client) {
  const std::lock_guard lock(mutex_);
  idle_.push_back({std::move(client), monotonic_now()});
}

Result<PoolAnswer> HttpPool::post(const std::string& path, const Headers& headers,
                                  const std::string& json) {
  std::unique_ptr<httplib::Client> client = take();
  const std::string whole_path = base_path_ + path;
  const httplib::Headers sent(headers.begin(), headers.end());
  const httplib::Result result =
      client->Post(whole_path.empty() ? "/" : whole_path, sent, json, "application/json");
  if (!result) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("no answer from {}: {}", origin_, httplib::to_string(result.error())));
  }
  PoolAnswer answer{result->status, result->body};
  give_back(std::move(client));
  return answer;
}

}  // namespace squall::shop
