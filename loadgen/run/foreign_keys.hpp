// foreign.ndjson: what a shard saw of effects and cannot judge alone.
//   {"type":"tried","key":"…"}                         a key of its own preflight
//   {"type":"effects","oracle":"…","key":"…","effects":2}   under a key that it did not ask for
#pragma once

#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/effects/shard_effects.hpp"

namespace squall::run {

// In the run's directory, which exists; what stood there is replaced. kIo when it cannot be
// written.
[[nodiscard]] Result<void> write_foreign_keys(const std::string& directory,
                                              const effects::ForeignKeys& foreign);
// kNotFound when the directory has none, kMalformed with the line that makes no sense.
[[nodiscard]] Result<effects::ForeignKeys> read_foreign_keys(const std::string& directory);

}  // namespace squall::run
