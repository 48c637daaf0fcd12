// Profiles as plans name them.
#pragma once

#include <optional>
#include <string>

#include "loadgen/base/error.hpp"
#include "loadgen/model/idempotency_profile.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// "ietf": one that squall has; with a slash or the ending .toml a file, from the plan's folder.
// Nothing, and reported, when there is none or it has problems: at `where`, or where those stand in
// the file.
[[nodiscard]] std::optional<model::IdempotencyProfile> find_profile(const std::string& name,
                                                                    const SourceRef& where,
                                                                    Build& build);

}  // namespace squall::plan
