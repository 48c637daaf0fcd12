// What the program counts about itself, in Prometheus' text format.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

#include "loadgen/base/time.hpp"

namespace squall::shop {

// Any thread.
class Metrics {
 public:
  // `prefix` begins every metric's name: "shop".
  explicit Metrics(std::string prefix) : prefix_(std::move(prefix)) {}

  // An answered request. `route` is the pattern ("/payments/{id}"), so that the number of series
  // stays small.
  void request(std::string_view method, std::string_view route, int status, Duration duration);
  // A call to another service. `outcome`: "ok", "declined", "failed" …
  void call(std::string_view service, std::string_view outcome, Duration duration);
  void database_error();
  void add_in_flight(std::int64_t change);
  [[nodiscard]] std::int64_t in_flight() const;
  // Waits until nothing is in flight; false when something still is after `limit`.
  [[nodiscard]] bool wait_until_idle(Duration limit) const;

  [[nodiscard]] std::string text() const;

 private:
  struct Summary {
    std::uint64_t count = 0;
    Duration sum{};
  };

  std::string prefix_;
  mutable std::mutex mutex_;
  mutable std::condition_variable idle_;
  std::map<std::tuple<std::string, std::string, int>, std::uint64_t, std::less<>>
      requests_;                                           // method, route, status
  std::map<std::string, Summary, std::less<>> durations_;  // by route
  std::map<std::pair<std::string, std::string>, Summary, std::less<>> calls_;  // service, outcome
  std::uint64_t database_errors_ = 0;
  std::int64_t in_flight_ = 0;
};

}  // namespace squall::shop
