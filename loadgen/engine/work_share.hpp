// How the arrivals and users of a plan are divided among shards, and a shard's among its workers.
#pragma once

#include <cstdint>

#include "loadgen/base/check.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// The part of everything that is counted over all shards (arrivals of a stream, users of a pool)
// which one worker has: what is congruent to `index` modulo `count`. A worker's part lies within
// its shard's, so one modulus says both. REQUIRES: worker < workers.
[[nodiscard]] inline model::Shard work_share(const model::Shard& shard, unsigned worker,
                                             unsigned workers) {
  SQUALL_CHECK(worker < workers && shard.index < shard.count);
  return {.index = shard.index + shard.count * worker, .count = shard.count * workers};
}

// How many of `total` things, numbered from 0, that share has.
[[nodiscard]] constexpr std::uint64_t part_of(std::uint64_t total, const model::Shard& share) {
  return total / share.count + (share.index < total % share.count ? 1 : 0);
}

}  // namespace squall::engine
