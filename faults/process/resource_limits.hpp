// The limits of a service as the kernel takes them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/service.hpp"

namespace squall::faults {

// RLIMIT_… and value, for each that is given; `nice` is none of them.
[[nodiscard]] std::vector<std::pair<int, std::uint64_t>> rlimits_of(
    const model::ResourceLimits& limits);

// Of the calling process and what it starts, soft and hard: a program cannot raise them again.
// False, with errno, when the kernel refuses. Async-signal-safe but for the allocation of the list.
[[nodiscard]] bool apply_limits(const model::ResourceLimits& limits);

// Sets the soft limits of a running process of the same user (or, as root, of any), and `nice` of
// each of its threads, so that they can be taken back. Returns what they were, for exactly those
// that `limits` gives. kInvalidArgument with the reason when the kernel refuses one: above the hard
// limit, or nicer to itself than it may be; then what was changed before has been put back.
[[nodiscard]] Result<model::ResourceLimits> change_limits(pid_t pid,
                                                          const model::ResourceLimits& limits);

}  // namespace squall::faults
