#include "loadgen/engine/reorder_holds.hpp"

#include <algorithm>

namespace squall::engine {

void ReorderHolds::submitted(std::uint16_t step, std::uint64_t arrival, const Exchange& exchange) {
  const bool later = std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
    return held.step == step && held.arrival < arrival;
  });
  if (later) {
    passing_.push_back({step, arrival, &exchange});
  }
}

void ReorderHolds::ended(const Exchange& exchange) {
  count_sent();
  std::erase_if(passing_, [&](const Passing& one) { return one.exchange == &exchange; });
}

void ReorderHolds::count_sent() {
  std::erase_if(passing_, [&](const Passing& one) {
    const bool sent = one.exchange->request_sent != TimePoint{};
    if (sent) {
      passes(one);
    }
    return sent;
  });
}

void ReorderHolds::passes(const Passing& passing) {
  for (Held& held : held_) {
    if (held.step == passing.step && held.arrival < passing.arrival) {
      ++held.passed;
    }
  }
}

ReorderHolds::Held ReorderHolds::remove(std::size_t place) {
  const Held held = held_[place];
  held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(place));
  if (held_.empty()) {
    passing_.clear();
  }
  return held;
}

std::optional<ReorderHolds::Held> ReorderHolds::take_ready(TimePoint now) {
  count_sent();
  for (std::size_t i = 0; i < held_.size(); ++i) {
    if (held_[i].passed >= held_[i].wanted || held_[i].until <= now) {
      return remove(i);
    }
  }
  return std::nullopt;
}

std::optional<ReorderHolds::Held> ReorderHolds::take_any() {
  return held_.empty() ? std::nullopt : std::optional(remove(0));
}

std::optional<TimePoint> ReorderHolds::next_deadline() const {
  const bool news = std::any_of(passing_.begin(), passing_.end(), [](const Passing& one) {
    return one.exchange->request_sent != TimePoint{};
  });
  std::optional<TimePoint> next;
  for (const Held& held : held_) {
    const TimePoint at = news || held.passed >= held.wanted ? TimePoint{} : held.until;
    next = std::min(next.value_or(at), at);
  }
  return next;
}

}  // namespace squall::engine
