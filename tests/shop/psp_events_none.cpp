// Every delivery counts: an event that the provider sends again is booked again, and one that comes
// late overwrites what came after it.
#include "tests/shop/psp_events.hpp"

namespace squall::shop {
namespace {

class NaiveConsumer final : public PspEvents {
 public:
  using PspEvents::PspEvents;

 protected:
  Result<void> apply(const PspEvent& event) override { return book_naively(event); }
};

}  // namespace

std::unique_ptr<PspEvents> make_naive_consumer(const ConsumerSettings& settings,
                                               PspEvents::Deps deps) {
  return std::make_unique<NaiveConsumer>(settings, deps);
}

}  // namespace squall::shop
