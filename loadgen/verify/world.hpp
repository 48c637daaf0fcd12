// The seam to what stands around the target: what it depends on and the process that it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/proxy_exchange.hpp"

namespace squall::verify {

// Changes what a plan's proxies and services do, one change at a time per proxy. Calls block until
// the change holds; the verification's thread only. A failure says what and why in one sentence.
class World {
 public:
  virtual ~World() = default;

  // Of a [[proxy]] by name. Each replaces what an earlier call did to that proxy.
  virtual Result<void> slow(const std::string& proxy, Duration delay) = 0;
  // Every call fails at once: answered 503 where the proxy knows HTTP, else its connection is
  // reset.
  virtual Result<void> fail(const std::string& proxy) = 0;
  // Calls arrive and are done, their answers are lost: the connection is reset instead.
  virtual Result<void> lose_answers(const std::string& proxy) = 0;
  // Nothing comes through, nothing ends.
  virtual Result<void> blackhole(const std::string& proxy) = 0;
  virtual Result<void> heal(const std::string& proxy) = 0;
  // How often what is done to the proxy now has interfered so far: with requests where the proxy
  // knows HTTP, else with what passed its connections. Nothing: not known, or nothing is done to
  // it.
  [[nodiscard]] virtual std::optional<std::uint64_t> touched(const std::string& /*proxy*/) {
    return std::nullopt;
  }
  // What HTTP proxies saw since the last call.
  [[nodiscard]] virtual model::TakenExchanges take_exchanges() = 0;

  // Of a [[service]] by name, all its replicas: SIGKILL, and start() waits until it is ready again.
  virtual Result<void> kill(const std::string& service) = 0;
  virtual Result<void> start(const std::string& service) = 0;
  // Sets its wall clock ahead of the true time; zero: the true time again.
  virtual Result<void> set_clock_ahead(const std::string& service, Duration ahead) = 0;
};

}  // namespace squall::verify
