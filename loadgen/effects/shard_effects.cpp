#include "loadgen/effects/shard_effects.hpp"

#include <algorithm>

namespace squall::effects {
namespace {

std::uint64_t count_of(const model::OracleReading& reading, std::string_view key) {
  const auto found = reading.counts.find(key);
  return found == reading.counts.end() ? 0 : found->second;
}

}  // namespace

model::OracleReading only(const model::OracleReading& reading, const KeySet& keys) {
  model::OracleReading part;
  for (const auto& [key, count] : reading.counts) {
    if (keys.contains(key)) {
      part.counts.emplace_hint(part.counts.end(), key, count);
    }
  }
  for (const std::string& key : reading.undecided) {
    if (keys.contains(key)) {
      part.undecided.emplace_hint(part.undecided.end(), key);
    }
  }
  part.undecided_reason = part.undecided.empty() ? "" : reading.undecided_reason;
  part.total = reading.total;
  return part;
}

bool equal_in(const model::OracleReading& a, const model::OracleReading& b, const KeySet& keys) {
  return a.total == b.total && std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
           return count_of(a, key) == count_of(b, key) &&
                  a.undecided.contains(key) == b.undecided.contains(key);
         });
}

}  // namespace squall::effects
