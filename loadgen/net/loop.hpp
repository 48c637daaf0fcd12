// Owner of a uv_loop_t.
#pragma once

#include <cstdint>
#include <memory>

#include "loadgen/base/time.hpp"

struct uv_loop_s;

namespace squall::net {

// One thread owns and runs it. Its destructor closes what is still open, runs the loop until that is done, requires
// uv_loop_close() == 0 and aborts naming the leaked handles otherwise: owners of handles must be destroyed before it.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs callbacks that are due without waiting.
  void turn();
  // Waits for one event (or for `stop_waiting` by a handle's callback), then runs what is due.
  void wait();
  // Runs until no handle is active or stop() is called.
  void run();
  void stop();

  // Time the loop has spent asleep in the kernel since it was made, ns (UV_METRICS_IDLE_TIME).
  [[nodiscard]] std::uint64_t idle_ns() const;
  [[nodiscard]] uv_loop_s* raw() const { return loop_.get(); }

 private:
  std::unique_ptr<uv_loop_s> loop_;
};

}  // namespace squall::net
