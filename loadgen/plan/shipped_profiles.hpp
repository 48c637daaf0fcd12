// The profiles of plans/profiles, compiled in: a plan that names one works wherever the binary is.
#pragma once

#include <span>
#include <string_view>

namespace squall::plan {

struct ShippedProfile {
  std::string_view name;  // of the file without its ending, and of the profile
  std::string_view file;  // "plans/profiles/ietf.toml"
  std::string_view text;
};

// By name. Static.
[[nodiscard]] std::span<const ShippedProfile> shipped_profiles();

}  // namespace squall::plan
