// A run that several processes share: each takes up a part of the arrivals.
#pragma once

#include <cstdint>
#include <string>

namespace squall::model {

// Which part: arrivals whose global index is `index` modulo `count`. A whole run is part 0 of 1.
struct Shard {
  unsigned index = 0;
  unsigned count = 1;

  [[nodiscard]] bool is_whole() const { return count == 1; }
  bool operator==(const Shard&) const = default;
};

// One of the runs that a merged record was made of.
struct RecordedShard {
  Shard shard;
  std::string host;  // kernel, cores
  unsigned threads = 1;
  unsigned connections = 0;
  std::uint64_t started = 0;  // arrivals taken up
  bool complete = true;       // false: rebuilt from the journal of a run that was killed
};

}  // namespace squall::model
