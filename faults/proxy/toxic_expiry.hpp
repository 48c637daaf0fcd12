// The end of a toxic that was added for a time.
#pragma once

#include "loadgen/base/time.hpp"
#include "loadgen/net/alarm_queue.hpp"

namespace squall::faults {

struct ToxicEntry;

class ToxicExpiryEvents {
 public:
  // The time is over. The entry, and with it the expiry, may be destroyed here.
  virtual void on_expired(ToxicEntry& toxic) = 0;

 protected:
  ~ToxicExpiryEvents() = default;
};

// Owned by the entry it ends; borrows everything. Proxy thread only.
class ToxicExpiry final : private net::AlarmEvents {
 public:
  ToxicExpiry(net::AlarmQueue& alarms, ToxicExpiryEvents& events, ToxicEntry& toxic, TimePoint at)
      : events_(events), toxic_(toxic), at_(at), alarm_(alarms, *this) {
    alarm_.set(at);
  }

  [[nodiscard]] TimePoint at() const { return at_; }

 private:
  void on_alarm() override { events_.on_expired(toxic_); }

  ToxicExpiryEvents& events_;
  ToxicEntry& toxic_;
  const TimePoint at_;
  net::Alarm alarm_;
};

}  // namespace squall::faults
