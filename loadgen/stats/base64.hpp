// Base64 of RFC 4648 §4 with padding, as .hlog lines carry it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace squall::stats {

[[nodiscard]] std::string to_base64(std::string_view bytes);

// Strict: nothing but the alphabet, whole groups of four, padding only at the end, unused bits
// zero. Else nothing.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace squall::stats
