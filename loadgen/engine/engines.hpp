// The engines of one worker behind one set of functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/native_engine.hpp"

namespace squall::engine {

class CurlEngine;

// Gives each exchange to the engine of its target. The functions are those of NativeEngine, whose
// contract they keep. Owns the engines (a curl engine only when a target needs it); borrows `loop`
// and `plan`, which must outlive it. Worker thread only.
class Engines {
 public:
  struct Options {
    unsigned connections = 64;  // sockets of this worker, all targets and engines together
  };
  Engines(net::Loop& loop, const model::Plan& plan, Options options);
  ~Engines();
  Engines(const Engines&) = delete;
  Engines& operator=(const Engines&) = delete;

  void submit(Exchange& exchange, TimePoint now) {
    if (curl_ != nullptr && on_curl_[exchange.target]) {
      submit_to_curl(exchange, now);
    } else {
      native_.submit(exchange, now);
    }
  }
  void take_completed(std::vector<Exchange*>& out);
  void abandon_all(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  void on_time(TimePoint now);
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::size_t in_flight() const;
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] EngineCounters take_counters();
  // No exchange of this Exchange::user follows: what belongs to it (cookies) is forgotten.
  void forget_user(std::uint64_t user) {
    if (curl_ != nullptr) {
      forget_on_curl(user);
    }
  }

 private:
  void submit_to_curl(Exchange& exchange, TimePoint now);
  void forget_on_curl(std::uint64_t user);

  NativeEngine native_;
  std::unique_ptr<CurlEngine> curl_;
  std::vector<bool> on_curl_;  // by target
  std::vector<Exchange*> from_curl_;
};

}  // namespace squall::engine
