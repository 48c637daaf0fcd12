// Wakes requests that wait for another one with the same key.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "loadgen/base/time.hpp"

namespace squall::shop {

// Keys share a few slots; who is woken looks at the claim anyway. Any thread.
class TwinBell {
 public:
  void ring(const std::string& key) {
    Slot& slot = slot_of(key);
    {
      const std::lock_guard lock(slot.mutex);
      ++slot.rings;
    }
    slot.rung.notify_all();
  }

  // The count to give to wait(): taken before looking at the claim, so that no ring in between is
  // missed.
  [[nodiscard]] std::uint64_t rings(const std::string& key) {
    Slot& slot = slot_of(key);
    const std::lock_guard lock(slot.mutex);
    return slot.rings;
  }

  void wait(const std::string& key, std::uint64_t seen, Duration at_most) {
    Slot& slot = slot_of(key);
    std::unique_lock lock(slot.mutex);
    slot.rung.wait_for(lock, at_most, [&] { return slot.rings != seen; });
  }

 private:
  struct Slot {
    std::mutex mutex;
    std::condition_variable rung;
    std::uint64_t rings = 0;
  };
  Slot& slot_of(const std::string& key) {
    return slots_[std::hash<std::string>{}(key) % slots_.size()];
  }
  std::array<Slot, 64> slots_;
};

}  // namespace squall::shop
