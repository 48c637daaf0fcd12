#include <algorithm>

#include <fmt/core.h>

#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {
namespace {

constexpr unsigned kSpoiledInARow = 6;
constexpr Duration kFirstWait = std::chrono::milliseconds(100);  // doubles
constexpr unsigned kToldEvery = 10;

}  // namespace

void PropertyTest::rounds(unsigned count, const std::function<void(Trial& trial)>& one) {
  unsigned spoiled = 0;
  for (unsigned done = 0; done < count && !enough_ && !lab_.stopped();) {
    Trial trial(trials_.size());
    one(trial);
    const std::optional<std::string> why = trial.spoiled();
    trials_.push_back(std::move(trial));
    if (!why) {
      spoiled = 0;
      if (++done % kToldEvery == 0 && done < count) {
        lab_.tell(fmt::format("{} of {} rounds", done, count));
      }
      continue;
    }
    if (++spoiled == kSpoiledInARow) {
      note(fmt::format("given up after {} of {} rounds: {}", done, count, *why));
      return;
    }
    (void)lab_.wait(kFirstWait * (1U << spoiled));
  }
}

std::vector<const PropertyKind*> by_number(const PropertyRegistry& registry) {
  std::vector<const PropertyKind*> kinds;
  for (const PropertyKind& kind : registry.entries()) {
    kinds.push_back(&kind);
  }
  std::sort(kinds.begin(), kinds.end(),
            [](const auto* a, const auto* b) { return a->number < b->number; });
  return kinds;
}

}  // namespace squall::verify
