#include "loadgen/net/loop.hpp"

#include <uv.h>

#include <csignal>
#include <cstdio>
#include <mutex>

#include "loadgen/base/check.hpp"

namespace squall::net {
namespace {

void ignore_sigpipe_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, nullptr);
  });
}

void close_if_open(uv_handle_t* handle, void* /*arg*/) noexcept {
  if (uv_is_closing(handle) == 0) {
    uv_close(handle, nullptr);
  }
}

void name_handle(uv_handle_t* handle, void* /*arg*/) noexcept {
  const char* name = uv_handle_type_name(uv_handle_get_type(handle));
  std::fprintf(stderr, "squall: a %s handle outlives its loop\n", name != nullptr ? name : "?");
}

}  // namespace

Loop::Loop()
    : loop_(std::make_unique<uv_loop_t>()),
      read_buffer_(std::make_unique<char[]>(kReadBufferBytes)) {
  ignore_sigpipe_once();
  SQUALL_CHECK(uv_loop_init(loop_.get()) == 0);
  SQUALL_CHECK(uv_loop_configure(loop_.get(), UV_METRICS_IDLE_TIME) == 0);
}

Loop::~Loop() {
  uv_walk(loop_.get(), close_if_open, nullptr);
  uv_run(loop_.get(), UV_RUN_DEFAULT);
  const int result = uv_loop_close(loop_.get());
  if (result != 0) {
    uv_walk(loop_.get(), name_handle, nullptr);
  }
  SQUALL_CHECK(result == 0);
}

char* Loop::plain_buffer() {
  if (plain_buffer_ == nullptr) {
    plain_buffer_ = std::make_unique<char[]>(kPlainBufferBytes);
  }
  return plain_buffer_.get();
}

void Loop::turn() {
  uv_run(loop_.get(), UV_RUN_NOWAIT);
}

void Loop::wait() {
  uv_run(loop_.get(), UV_RUN_ONCE);
}

void Loop::run() {
  uv_run(loop_.get(), UV_RUN_DEFAULT);
}

void Loop::stop() {
  uv_stop(loop_.get());
}

std::uint64_t Loop::idle_ns() const {
  return uv_metrics_idle_time(loop_.get());
}

}  // namespace squall::net
