// The plan that `squall init` writes when it is given nothing to import.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::import {

// A plan with comments that explain it: one GET against `url`, load, checks, and faults and effects
// as comments to take up. kInvalidArgument when `url` is no http(s) URL.
[[nodiscard]] Result<std::string> starter_plan(std::string_view url);

inline constexpr std::string_view kStarterUrl = "http://127.0.0.1:8080";

}  // namespace squall::import
