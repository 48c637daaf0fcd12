#include "loadgen/net/alarm_queue.hpp"

#include "loadgen/base/check.hpp"

namespace squall::net {

AlarmQueue::~AlarmQueue() {
  SQUALL_CHECK(waiting_.empty());
}

std::optional<TimePoint> AlarmQueue::next() const {
  return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first);
}

void AlarmQueue::fire(TimePoint now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    Alarm& alarm = *waiting_.begin()->second;
    alarm.cancel();
    alarm.events_.on_alarm();
  }
}

void Alarm::set(TimePoint at) {
  if (place_.has_value() && (*place_)->first == at) {
    return;
  }
  cancel();
  place_ = queue_.waiting_.emplace(at, this);
  if (queue_.on_earlier_ && *place_ == queue_.waiting_.begin()) {
    queue_.on_earlier_(at);
  }
}

void Alarm::cancel() {
  if (place_.has_value()) {
    queue_.waiting_.erase(*place_);
    place_.reset();
  }
}

}  // namespace squall::net
