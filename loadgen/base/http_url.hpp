// What tells an http or https URL from other text.
#pragma once

#include <string_view>

#include "loadgen/base/text.hpp"

namespace squall {

[[nodiscard]] inline bool is_https_url(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  return equals_ignoring_case(text.substr(0, kScheme.size()), kScheme);
}

// By its scheme alone: the rest may be no URL.
[[nodiscard]] inline bool is_http_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  return equals_ignoring_case(text.substr(0, kScheme.size()), kScheme) || is_https_url(text);
}

}  // namespace squall
