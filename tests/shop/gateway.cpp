#include "tests/shop/gateway.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {
namespace {

constexpr Duration kProbeTimeout = std::chrono::milliseconds(250);
constexpr std::array kPassedOn = {"Content-Type", "Idempotency-Key", "Cookie", "Authorization"};
constexpr std::array kPassedBack = {"Idempotent-Replayed", "Retry-After", "Set-Cookie"};

bool same_name(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

PoolRequest request_of(const std::string& method, const Call& call) {
  PoolRequest request = {method, call.target(), {}, call.body()};
  for (const char* name : kPassedOn) {
    if (const auto value = call.header(name)) {
      request.headers.emplace_back(name, *value);
    }
  }
  request.headers.emplace_back("traceparent", call.trace().traceparent());
  return request;
}

Answer answer_of(PoolAnswer upstream) {
  Answer answer = {upstream.status, std::move(upstream.body)};
  for (auto& [name, value] : upstream.headers) {
    if (same_name(name, "Content-Type")) {
      answer.content_type = value;
    }
    for (const char* passed : kPassedBack) {
      if (same_name(name, passed)) {
        answer.headers.emplace_back(passed, value);
      }
    }
  }
  return answer;
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::make(const GatewayOptions& options, Deps deps) {
  std::unique_ptr<Gateway> gateway(new Gateway(options.probe_interval, deps));
  for (const std::string& url : options.upstreams) {
    Result<std::unique_ptr<HttpPool>> pool = HttpPool::make(url, options.timeout);
    Result<std::unique_ptr<HttpPool>> probes = HttpPool::make(url, kProbeTimeout);
    if (!pool || !probes) {
      return fail(pool ? probes.error() : pool.error());
    }
    auto replica = std::make_unique<Replica>();
    replica->pool = std::move(*pool);
    replica->probes = std::move(*probes);
    gateway->replicas_.push_back(std::move(replica));
  }
  for (const std::unique_ptr<Replica>& replica : gateway->replicas_) {
    replica->prober = std::thread([&self = *gateway, &replica = *replica] { self.probe(replica); });
  }
  return gateway;
}

Gateway::~Gateway() {
  deps_.stop.request();
  for (const std::unique_ptr<Replica>& replica : replicas_) {
    if (replica->prober.joinable()) {
      replica->prober.join();
    }
  }
}

void Gateway::probe(Replica& replica) {
  do {
    const Result<PoolAnswer> answer = replica.probes->send({"GET", "/readyz", {}});
    replica.ready = answer && answer->status == 200;
  } while (deps_.stop.let_pass(probe_interval_));
}

Answer Gateway::pass_on(const std::string& method, const Call& call) {
  const PoolRequest request = request_of(method, call);
  const std::size_t first = next_++;
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    Replica& replica = *replicas_[(first + i) % replicas_.size()];
    if (!replica.ready) {
      continue;
    }
    const TimePoint start = monotonic_now();
    Result<PoolAnswer> answer = replica.pool->send(request);
    deps_.metrics.call("upstream", answer ? "answered" : "unreachable", monotonic_now() - start);
    if (answer) {
      return answer_of(std::move(*answer));
    }
    if (answer.error().code == ErrorCode::kNotFound) {
      replica.ready = false;
      continue;
    }
    // httplib names both a limit that passed and a connection that broke "Read".
    return problem(504, answer.error().message);
  }
  return problem(503, "no replica is ready");
}

Answer Gateway::ready() const {
  const bool any = std::any_of(replicas_.begin(), replicas_.end(),
                               [](const auto& replica) { return replica->ready.load(); });
  return any ? Answer{200, R"({"status":"ready"})"} : problem(503, "no replica is ready");
}

int run_gateway(const GatewayOptions& options) {
  Role role("gateway", options.http, options.log_level);
  Result<std::unique_ptr<Gateway>> gateway = Gateway::make(options, {role.metrics(), role.stop()});
  if (!gateway) {
    fmt::print(stderr, "squall-shop: --upstream: {}\n", gateway.error().message);
    return 1;
  }
  using Method = HttpService::Method;
  HttpService& http = role.http();
  http.route(Method::kGet, "/readyz", "/readyz", [&](const Call&) { return (*gateway)->ready(); });
  for (const auto& [method, name] : {std::pair(Method::kGet, "GET"),
                                     {Method::kPost, "POST"},
                                     {Method::kPut, "PUT"},
                                     {Method::kDelete, "DELETE"}}) {
    http.route(method, "/.{0,500}", "/", [&, name = std::string(name)](const Call& call) {
      return (*gateway)->pass_on(name, call);
    });
  }
  return role.serve([] {});
}

}  // namespace squall::shop
