#include "loadgen/engine/curl_engine.hpp"

#include "loadgen/engine/curl_core.hpp"

namespace squall::engine {

CurlEngine::CurlEngine(net::Loop& loop, const model::Plan& plan, Options options)
    : core_(std::make_unique<CurlCore>(loop, plan, options.connections)) {}

CurlEngine::~CurlEngine() = default;

void CurlEngine::submit(Exchange& exchange, TimePoint now) {
  core_->submit(exchange, now);
}
void CurlEngine::take_completed(std::vector<Exchange*>& out) {
  core_->take_completed(out);
}
void CurlEngine::abandon_all(TimePoint now) {
  core_->abandon_all(now);
}
std::optional<TimePoint> CurlEngine::next_deadline() const {
  return core_->next_deadline();
}
void CurlEngine::on_time(TimePoint now) {
  core_->on_time(now);
}
std::size_t CurlEngine::waiting() const {
  return core_->waiting();
}
std::size_t CurlEngine::in_flight() const {
  return core_->in_flight();
}
std::size_t CurlEngine::connections() const {
  return core_->connections();
}
EngineCounters CurlEngine::take_counters() {
  return core_->take_counters();
}
void CurlEngine::forget_user(std::uint64_t user) {
  core_->forget_user(user);
}

}  // namespace squall::engine
