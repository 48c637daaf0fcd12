// The version of this build.
#pragma once

#include <string_view>

namespace squall::app {

inline constexpr std::string_view kVersion = SQUALL_VERSION;

}  // namespace squall::app
