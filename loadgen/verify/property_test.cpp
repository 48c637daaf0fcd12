#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/weighing.hpp"

namespace squall::verify {
namespace {

constexpr unsigned kSpoiledInARow = 6;
constexpr Duration kFirstWait = std::chrono::milliseconds(100);  // doubles
constexpr unsigned kToldEvery = 10;
constexpr unsigned kStuckSuffice = 3;  // each costs the lock time

bool is_stuck(const Trial& trial) {
  return !trial.spoiled() &&
         std::any_of(trial.breaks().begin(), trial.breaks().end(),
                     [](const Break& one) { return one.harm == model::PropertyHarm::kStuck; });
}

}  // namespace

void PropertyTest::rounds(unsigned count, const std::function<void(Trial& trial)>& one) {
  unsigned spoiled = 0;
  unsigned stuck = 0;
  std::string unweighed;
  start_weighing(lab_);
  for (unsigned done = 0; done < count && !enough_ && !lab_.stopped();) {
    Trial trial;
    one(trial);
    if (lab_.stopped()) {
      trial.spoil("the run was stopped");  // what it waited for was not waited for
    }
    const std::string left_open = weigh(lab_, trial);
    if (!left_open.empty() && left_open != unweighed) {
      unweighed = left_open;
      note(unweighed);
    }
    const std::optional<std::string> why = trial.spoiled();
    stuck += is_stuck(trial) ? 1U : 0U;
    trials_.push_back(std::move(trial));
    if (!why) {
      spoiled = 0;
      if (++done < count && stuck == kStuckSuffice) {
        note(fmt::format("ended after {} of {} rounds: {} keys stayed unusable", done, count,
                         stuck));
        return;
      }
      if (done % kToldEvery == 0 && done < count) {
        lab_.tell(fmt::format("{} of {} rounds", done, count));
      }
      continue;
    }
    if (++spoiled == kSpoiledInARow || lab_.target_is_gone()) {
      given_up_ = *why;
      note(fmt::format("given up after {} of {} rounds: {}", done, count, *why));
      return;
    }
    (void)lab_.wait(kFirstWait * (1U << spoiled));
  }
}

std::vector<std::string> PropertyTest::tokens() const {
  std::vector<std::string> tokens;
  for (const Trial& trial : trials_) {
    for (const Expectation& expectation : trial.expectations()) {
      tokens.push_back(expectation.token);
    }
  }
  return tokens;
}

const PropertyKind* find_property(const PropertyRegistry& registry, std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  const auto& kinds = registry.entries();
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const PropertyKind& kind) {
    return is_number ? kind.number == number : kind.name == text;
  });
  return found == kinds.end() ? nullptr : &*found;
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
