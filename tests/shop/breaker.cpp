#include "tests/shop/breaker.hpp"

namespace squall::shop {

bool Breaker::let_through(TimePoint now) {
  if (settings_.mode == BreakerMode::kNone) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  if (state_ == State::kClosed) {
    return true;
  }
  if (state_ == State::kHalfOpen || now < next_try_) {
    if (settings_.mode == BreakerMode::kNoHalfOpen) {
      next_try_ = now + settings_.reset_time;
    }
    return false;
  }
  state_ = State::kHalfOpen;
  return true;
}

void Breaker::succeeded() {
  const std::lock_guard lock(mutex_);
  // A call that went out before the breaker opened says nothing about now.
  if (state_ != State::kOpen) {
    state_ = State::kClosed;
    failures_ = 0;
  }
}

void Breaker::failed(TimePoint now) {
  const std::lock_guard lock(mutex_);
  ++failures_;
  if (settings_.mode == BreakerMode::kNone) {
    return;
  }
  if (state_ == State::kHalfOpen || (state_ == State::kClosed && failures_ >= settings_.failures)) {
    state_ = State::kOpen;
    next_try_ = now + settings_.reset_time;
  }
}

}  // namespace squall::shop
