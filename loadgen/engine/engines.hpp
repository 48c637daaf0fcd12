// The engines of one worker behind one set of functions.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/native_engine.hpp"

namespace squall::engine {

// Gives each exchange to the engine of its target. The functions are those of NativeEngine, whose
// contract they keep. Owns the engines; borrows `loop` and `plan`, which must outlive it. Worker
// thread only.
class Engines {
 public:
  struct Options {
    unsigned connections = 64;  // sockets of this worker, all targets and engines together
  };
  Engines(net::Loop& loop, const model::Plan& plan, Options options)
      : native_(loop, plan, {.connections = options.connections}) {}

  void submit(Exchange& exchange, TimePoint now) { native_.submit(exchange, now); }
  void take_completed(std::vector<Exchange*>& out) { native_.take_completed(out); }
  void abandon_all(TimePoint now) { native_.abandon_all(now); }
  [[nodiscard]] std::optional<TimePoint> next_deadline() const { return native_.next_deadline(); }
  void on_time(TimePoint now) { native_.on_time(now); }
  [[nodiscard]] std::size_t waiting() const { return native_.waiting(); }
  [[nodiscard]] std::size_t in_flight() const { return native_.in_flight(); }
  [[nodiscard]] std::size_t connections() const { return native_.connections(); }
  [[nodiscard]] EngineCounters take_counters() { return native_.take_counters(); }

 private:
  NativeEngine native_;
};

}  // namespace squall::engine
