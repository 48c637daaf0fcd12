// Owner of a uv_loop_t.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "loadgen/base/time.hpp"

struct uv_loop_s;

namespace squall::net {

// One thread owns and runs it. Its destructor closes what is still open, runs the loop until that
// is done, requires uv_loop_close() == 0 and aborts naming the leaked handles otherwise: owners of
// handles must be destroyed before it. The first Loop of a process makes it ignore SIGPIPE (libuv
// writes without MSG_NOSIGNAL): whoever starts a program sets it back in the child.
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
  // Things that its streams' users were told of since it was made: a turn in which this did not
  // move had nothing to do.
  [[nodiscard]] std::uint64_t events() const { return events_; }
  void count_event() { ++events_; }
  [[nodiscard]] uv_loop_s* raw() const { return loop_.get(); }

  // One buffer for the reads of all streams of this loop: what is in it is handed on before the
  // next read.
  static constexpr std::size_t kReadBufferBytes = 64UL * 1024;
  [[nodiscard]] char* read_buffer() const { return read_buffer_.get(); }
  // Likewise for what TLS makes of such a read, with the parts of records that were there before.
  // Made when it is first asked for.
  static constexpr std::size_t kPlainBufferBytes = kReadBufferBytes + 32UL * 1024;
  [[nodiscard]] char* plain_buffer();

 private:
  std::unique_ptr<uv_loop_s> loop_;
  std::unique_ptr<char[]> read_buffer_;
  std::unique_ptr<char[]> plain_buffer_;
  std::uint64_t events_ = 0;
};

}  // namespace squall::net
