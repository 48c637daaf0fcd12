#include "loadgen/net/notifier.hpp"

#include <uv.h>

#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/net/loop.hpp"

namespace squall::net {

class Notifier::Impl {
 public:
  Impl(Loop& loop, std::function<void()> on_notify) : on_notify_(std::move(on_notify)) {
    SQUALL_CHECK(uv_async_init(loop.raw(), &handle_, on_async) == 0);
    handle_.data = this;
  }

  void notify() { SQUALL_CHECK(uv_async_send(&handle_) == 0); }

  void close() {
    open_ = false;
    uv_close(reinterpret_cast<uv_handle_t*>(&handle_), on_closed);
  }

 private:
  static void on_async(uv_async_t* handle) noexcept {
    auto* const self = static_cast<Impl*>(handle->data);
    if (self->open_) {
      self->on_notify_();
    }
  }

  static void on_closed(uv_handle_t* handle) noexcept { delete static_cast<Impl*>(handle->data); }

  uv_async_t handle_{};
  bool open_ = true;
  std::function<void()> on_notify_;
};

Notifier::Notifier(Loop& loop, std::function<void()> on_notify)
    : impl_(new Impl(loop, std::move(on_notify))) {}

Notifier::~Notifier() {
  impl_->close();
}

void Notifier::notify() {
  impl_->notify();
}

}  // namespace squall::net
