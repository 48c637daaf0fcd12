// Many instants for one timer: who waits for what, in the order of time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "loadgen/base/time.hpp"

namespace squall::net {

class Alarm;

// Holds no clock and no timer: its owner calls fire() with the time it has, so tests run on a clock
// of their own. Alarms must be destroyed before it. One thread.
class AlarmQueue {
 public:
  // `on_earlier` is told when something has become due earlier than all that was there (arm a timer
  // then). It may be empty.
  explicit AlarmQueue(std::function<void(TimePoint)> on_earlier = {})
      : on_earlier_(std::move(on_earlier)) {}
  ~AlarmQueue();
  AlarmQueue(const AlarmQueue&) = delete;
  AlarmQueue& operator=(const AlarmQueue&) = delete;

  // The earliest instant that somebody waits for.
  [[nodiscard]] std::optional<TimePoint> next() const;
  // Calls whoever waits for an instant up to `now`, in the order of the instants, including those
  // who are added meanwhile.
  void fire(TimePoint now);

 private:
  friend class Alarm;
  std::multimap<TimePoint, Alarm*> waiting_;
  std::function<void(TimePoint)> on_earlier_;
};

class AlarmEvents {
 public:
  // The instant has come; the alarm is no longer set. It may be set again or destroyed here. Must
  // not throw.
  virtual void on_alarm() = 0;

 protected:
  ~AlarmEvents() = default;
};

// One instant that somebody waits for. Borrows the queue and the receiver. 32 bytes; nothing is
// allocated while it is not set.
class Alarm {
 public:
  Alarm(AlarmQueue& queue, AlarmEvents& events) : queue_(queue), events_(events) {}
  ~Alarm() { cancel(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Replaces what was set.
  void set(TimePoint at);
  void cancel();

 private:
  friend class AlarmQueue;
  AlarmQueue& queue_;
  AlarmEvents& events_;
  std::optional<std::multimap<TimePoint, Alarm*>::iterator> place_;
};

}  // namespace squall::net
