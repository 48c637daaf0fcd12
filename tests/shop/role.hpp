// What every role of squall-shop consists of: log, metrics, stop flag and HTTP service, and how it
// lives and ends.
#pragma once

#include <functional>
#include <string>

#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/stop_flag.hpp"

namespace squall::shop {

// Used by the main thread; the parts are for any thread. Blocks the stop signals in the
// constructor, so it must be made before any thread.
class Role {
 public:
  Role(const std::string& name, const HttpOptions& options, LogLevel log_level);

  [[nodiscard]] const Log& log() const { return log_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }
  [[nodiscard]] StopFlag& stop() { return stop_; }
  [[nodiscard]] HttpService& http() { return http_; }

  // Listens, says so on stderr ("listening", with the port), serves until SIGTERM or SIGINT.
  // Returns the exit code: 0, or 1 with a message when the port cannot be used. When requests still
  // run 700 ms after the signal, it calls `clean_up` and leaves the process at once.
  [[nodiscard]] int serve(const std::function<void()>& clean_up);

 private:
  Log log_;
  Metrics metrics_;
  StopFlag stop_;
  HttpOptions options_;
  HttpService http_;
};

}  // namespace squall::shop
