#include "loadgen/engine/native_engine.hpp"

#include "loadgen/engine/native_core.hpp"

namespace squall::engine {

class NativeEngine::Impl final : public NativeCore {
 public:
  using NativeCore::NativeCore;
};

NativeEngine::NativeEngine(net::Loop& loop, const model::Plan& plan, Options options)
    : impl_(std::make_unique<Impl>(loop, plan, options.connections)) {}

NativeEngine::~NativeEngine() = default;

void NativeEngine::submit(Exchange& exchange, TimePoint now) {
  impl_->submit(exchange, now);
}
void NativeEngine::take_completed(std::vector<Exchange*>& out) {
  impl_->take_completed(out);
}
void NativeEngine::abandon_all(TimePoint now) {
  impl_->abandon_all(now);
}
std::optional<TimePoint> NativeEngine::next_deadline() const {
  return impl_->next_deadline();
}
void NativeEngine::on_time(TimePoint now) {
  impl_->on_time(now);
}
std::size_t NativeEngine::waiting() const {
  return impl_->waiting();
}
std::size_t NativeEngine::in_flight() const {
  return impl_->in_flight();
}
std::size_t NativeEngine::connections() const {
  return impl_->connections();
}
EngineCounters NativeEngine::take_counters() {
  return impl_->take_counters();
}

}  // namespace squall::engine
