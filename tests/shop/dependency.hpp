// A service that the shop depends on, with what stands between a call and the wire.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "loadgen/base/time.hpp"
#include "tests/shop/breaker.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/retries.hpp"
#include "tests/shop/stop_flag.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {

struct DependencySettings {
  std::string url;
  Duration timeout = std::chrono::seconds(2);  // of one try; zero: none
  RetryMode retries = RetryMode::kNone;
  BreakerSettings breaker = {};
};

//   call ──► breaker ──► try ──► HttpPool ──► wire
//               ▲          │ no answer, or 5xx
//               └── wait ◄─┘ as often as Retries allows
// Every try bears the caller's traceparent and is counted in the metrics. Borrows metrics and stop
// flag. Any thread.
class Dependency {
 public:
  struct Deps {
    Metrics& metrics;
    StopFlag& stop;
  };
  // `name`: in metrics. kInvalidArgument when the URL is none.
  [[nodiscard]] static Result<std::unique_ptr<Dependency>> make(std::string name,
                                                                const DependencySettings& settings,
                                                                Deps deps);

  // The last try's answer, 5xx included; its error as HttpPool says; kExhausted when the breaker is
  // open. REQUIRES: carrying the request out twice is as good as once, unless there are no retries.
  [[nodiscard]] Result<PoolAnswer> call(PoolRequest request, const Trace& trace);

 private:
  Dependency(std::string name, const DependencySettings& settings, std::unique_ptr<HttpPool> pool,
             Deps deps);
  [[nodiscard]] Result<PoolAnswer> attempt(const PoolRequest& request);

  std::string name_;
  std::unique_ptr<HttpPool> pool_;
  Breaker breaker_;
  Retries retries_;
  Deps deps_;
};

}  // namespace squall::shop
