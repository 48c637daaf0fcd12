// Which part of a run, as people write it: counted from 1.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/model/shard.hpp"

namespace squall::run {

inline constexpr unsigned kMostShards = 10'000;

// "2/8" is the second of eight; "1/1" a whole run. The whole text. kInvalidArgument with an example
// for anything else and for more than kMostShards.
[[nodiscard]] Result<model::Shard> parse_shard(std::string_view text);

// "2/8".
[[nodiscard]] std::string to_string(const model::Shard& shard);

}  // namespace squall::run
