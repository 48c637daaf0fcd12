#include "loadgen/net/precise_timer.hpp"

#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/net/loop.hpp"

namespace squall::net {
namespace {

itimerspec expiry(std::int64_t ns) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  itimerspec spec{};
  spec.it_value.tv_sec = ns / kNsPerSecond;
  spec.it_value.tv_nsec = ns % kNsPerSecond;
  return spec;
}

}  // namespace

class PreciseTimer::Impl {
 public:
  Impl(Loop& loop, std::function<void()> on_wake) : on_wake_(std::move(on_wake)) {
    fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    SQUALL_CHECK(fd_ >= 0);
    SQUALL_CHECK(uv_poll_init(loop.raw(), &handle_, fd_) == 0);
    handle_.data = this;
    SQUALL_CHECK(uv_poll_start(&handle_, UV_READABLE, on_readable) == 0);
  }

  void arm(TimePoint at) {
    if (armed_ == at) {
      return;
    }
    armed_ = at;
    // Zero would disarm.
    set(expiry(std::max<std::int64_t>(at.time_since_epoch().count(), 1)));
  }

  void disarm() {
    if (armed_.has_value()) {
      armed_.reset();
      set(itimerspec{});
    }
  }

  void close() {
    open_ = false;
    uv_close(reinterpret_cast<uv_handle_t*>(&handle_), on_closed);
    ::close(fd_);
  }

 private:
  void set(const itimerspec& spec) {
    SQUALL_CHECK(timerfd_settime(fd_, TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
  }

  static void on_readable(uv_poll_t* handle, int /*status*/, int /*events*/) noexcept {
    auto* const self = static_cast<Impl*>(handle->data);
    if (!self->open_) {
      return;
    }
    std::uint64_t expirations = 0;
    // Nothing to read: it was armed anew between the wake-up and this call.
    if (::read(self->fd_, &expirations, sizeof expirations) != sizeof expirations) {
      return;
    }
    self->armed_.reset();
    self->on_wake_();
  }

  static void on_closed(uv_handle_t* handle) noexcept { delete static_cast<Impl*>(handle->data); }

  uv_poll_t handle_{};
  int fd_ = -1;
  bool open_ = true;
  std::optional<TimePoint> armed_;
  std::function<void()> on_wake_;
};

PreciseTimer::PreciseTimer(Loop& loop, std::function<void()> on_wake)
    : impl_(new Impl(loop, std::move(on_wake))) {}

PreciseTimer::~PreciseTimer() {
  impl_->close();
}

void PreciseTimer::arm(TimePoint at) {
  impl_->arm(at);
}

void PreciseTimer::disarm() {
  impl_->disarm();
}

}  // namespace squall::net
