// The role gateway: what stands between customers and the replicas of a service.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "loadgen/base/time.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/stop_flag.hpp"

namespace squall::shop {

struct GatewayOptions {
  HttpOptions http;
  std::vector<std::string> upstreams;                       // URLs
  Duration timeout = std::chrono::seconds(3);               // for an upstream's answer; zero: none
  Duration probe_interval = std::chrono::milliseconds(50);  // between two looks at /readyz
  LogLevel log_level = LogLevel::kInfo;
};

//   customer ──► gateway ──► the next replica whose /readyz said 200
// Passes a request on once; to another replica only when it could not be sent at all. Borrows
// metrics and stop flag; owns a thread per replica, which asks it for its readiness. Any thread.
class Gateway {
 public:
  struct Deps {
    Metrics& metrics;
    StopFlag& stop;
  };
  // kInvalidArgument when an upstream is no URL.
  [[nodiscard]] static Result<std::unique_ptr<Gateway>> make(const GatewayOptions& options,
                                                             Deps deps);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // The replica's answer; 504 when there was none after the request had been sent, in time or at
  // all; 503 when none is ready.
  [[nodiscard]] Answer pass_on(const std::string& method, const Call& call);
  // GET /readyz: 200 while a replica is ready.
  [[nodiscard]] Answer ready() const;

 private:
  struct Replica {
    std::unique_ptr<HttpPool> pool;
    std::unique_ptr<HttpPool> probes;
    std::atomic<bool> ready{false};
    std::thread prober;
  };
  Gateway(Duration probe_interval, Deps deps) : probe_interval_(probe_interval), deps_(deps) {}
  void probe(Replica& replica);

  Duration probe_interval_;
  Deps deps_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::atomic<std::size_t> next_{0};
};

// Serves until a signal; the process's exit code.
[[nodiscard]] int run_gateway(const GatewayOptions& options);

}  // namespace squall::shop
