#include "tests/shop/dependency.hpp"

#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"

namespace squall::shop {
namespace {

bool has_failed(const Result<PoolAnswer>& answer) {
  return !answer || answer->status >= 500;
}

const char* outcome_of(const Result<PoolAnswer>& answer) {
  if (!answer) {
    return "unreachable";
  }
  return answer->status >= 500 ? "failed" : answer->status >= 400 ? "refused" : "ok";
}

}  // namespace

Result<std::unique_ptr<Dependency>> Dependency::make(std::string name,
                                                     const DependencySettings& settings,
                                                     Deps deps) {
  Result<std::unique_ptr<HttpPool>> pool = HttpPool::make(settings.url, settings.timeout);
  if (!pool) {
    return fail(pool.error());
  }
  return std::unique_ptr<Dependency>(
      new Dependency(std::move(name), settings, std::move(*pool), deps));
}

Dependency::Dependency(std::string name, const DependencySettings& settings,
                       std::unique_ptr<HttpPool> pool, Deps deps)
    : name_(std::move(name)),
      pool_(std::move(pool)),
      breaker_(settings.breaker),
      retries_(settings.retries),
      deps_(deps) {}

Result<PoolAnswer> Dependency::call(PoolRequest request, const Trace& trace) {
  request.headers.emplace_back("traceparent", trace.traceparent());
  retries_.count_call();
  for (unsigned tried = 1;; ++tried) {
    if (!breaker_.let_through(monotonic_now())) {
      deps_.metrics.call(name_, "refused by the breaker", Duration::zero());
      return fail(ErrorCode::kExhausted, fmt::format("{} fails, calls to it are suspended", name_));
    }
    Result<PoolAnswer> answer = attempt(request);
    if (!has_failed(answer)) {
      return answer;
    }
    const std::optional<Duration> wait = retries_.wait_after(tried);
    if (!wait || !deps_.stop.let_pass(*wait)) {
      return answer;
    }
  }
}

Result<PoolAnswer> Dependency::attempt(const PoolRequest& request) {
  const TimePoint start = monotonic_now();
  Result<PoolAnswer> answer = pool_->send(request);
  const TimePoint end = monotonic_now();
  deps_.metrics.call(name_, outcome_of(answer), end - start);
  if (has_failed(answer)) {
    breaker_.failed(end);
  } else {
    breaker_.succeeded();
  }
  return answer;
}

}  // namespace squall::shop
