// Ids of events in a set of the process. Another replica, and the same one after a restart, has not
// seen them; a twin is acknowledged while the first is still at work and may yet fail; and events
// in the wrong order are different events.
#include <mutex>
#include <set>

#include "tests/shop/psp_events.hpp"

namespace squall::shop {
namespace {

class MemoryConsumer final : public PspEvents {
 public:
  using PspEvents::PspEvents;

 protected:
  Result<void> apply(const PspEvent& event) override {
    {
      const std::lock_guard lock(mutex_);
      if (!seen_.insert(event.id).second) {
        return {};
      }
    }
    Result<void> booked = book_naively(event);
    if (!booked) {
      const std::lock_guard lock(mutex_);
      seen_.erase(event.id);
    }
    return booked;
  }

 private:
  std::mutex mutex_;
  std::set<std::string> seen_;
};

}  // namespace

std::unique_ptr<PspEvents> make_memory_consumer(const ConsumerSettings& settings,
                                                PspEvents::Deps deps) {
  return std::make_unique<MemoryConsumer>(settings, deps);
}

}  // namespace squall::shop
