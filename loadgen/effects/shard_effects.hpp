// What one shard of a run can say about effects: an oracle that lists everything shows the effects
// of the other shards too, and goes on changing while they send.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/oracle.hpp"

namespace squall::effects {

using KeySet = std::set<std::string_view>;

// What a reading says of those keys; a total stays.
[[nodiscard]] model::OracleReading only(const model::OracleReading& reading, const KeySet& keys);

// Whether two readings say the same of those keys, and of the total.
[[nodiscard]] bool equal_in(const model::OracleReading& a, const model::OracleReading& b,
                            const KeySet& keys);

// Effects that came to be under a key which this shard did not ask for: another shard's, or
// nobody's. Which of the two is known when the shards are joined.
struct ForeignEffect {
  std::string oracle;
  std::string key;
  std::uint64_t effects = 0;
  bool operator==(const ForeignEffect&) const = default;
};

// What a shard leaves for those who join it with the others.
struct ForeignKeys {
  std::vector<std::string> tried;  // keys of its preflight, which belong to no arrival
  std::vector<ForeignEffect> effects;
};

}  // namespace squall::effects
