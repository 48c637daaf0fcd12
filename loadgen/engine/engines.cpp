#include "loadgen/engine/engines.hpp"

#include <algorithm>

#include "loadgen/engine/curl_engine.hpp"
#include "loadgen/model/engine_abilities.hpp"

namespace squall::engine {

Engines::Engines(net::Loop& loop, const model::Plan& plan, Options options)
    : native_(loop, plan,
              {.connections =
                   std::max(1U, model::connection_shares(plan, options.connections).native)}) {
  for (const model::Target& target : plan.targets) {
    on_curl_.push_back(target.engine == model::EngineKind::kCurl);
  }
  if (const unsigned share = model::connection_shares(plan, options.connections).curl; share > 0) {
    curl_ = std::make_unique<CurlEngine>(loop, plan, CurlEngine::Options{.connections = share});
  }
}

Engines::~Engines() = default;

void Engines::submit_to_curl(Exchange& exchange, TimePoint now) {
  curl_->submit(exchange, now);
}

void Engines::forget_on_curl(std::uint64_t user) {
  curl_->forget_user(user);
}

void Engines::take_completed(std::vector<Exchange*>& out) {
  native_.take_completed(out);
  if (curl_ != nullptr) {
    curl_->take_completed(from_curl_);
    out.insert(out.end(), from_curl_.begin(), from_curl_.end());
  }
}

void Engines::abandon_all(TimePoint now) {
  native_.abandon_all(now);
  if (curl_ != nullptr) {
    curl_->abandon_all(now);
  }
}

std::optional<TimePoint> Engines::next_deadline() const {
  const auto native = native_.next_deadline();
  const auto curl = curl_ != nullptr ? curl_->next_deadline() : std::nullopt;
  return native && curl ? std::min(*native, *curl) : native ? native : curl;
}

void Engines::on_time(TimePoint now) {
  native_.on_time(now);
  if (curl_ != nullptr) {
    curl_->on_time(now);
  }
}

std::size_t Engines::waiting() const {
  return native_.waiting() + (curl_ != nullptr ? curl_->waiting() : 0);
}

std::size_t Engines::in_flight() const {
  return native_.in_flight() + (curl_ != nullptr ? curl_->in_flight() : 0);
}

std::size_t Engines::connections() const {
  return native_.connections() + (curl_ != nullptr ? curl_->connections() : 0);
}

EngineCounters Engines::take_counters() {
  EngineCounters sum = native_.take_counters();
  if (curl_ != nullptr) {
    sum.add(curl_->take_counters());
  }
  return sum;
}

}  // namespace squall::engine
