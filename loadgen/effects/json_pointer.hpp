// Values inside a JSON document that an outsider sent, by RFC 6901 pointer. Nothing here throws.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::effects {

// Parses a document. kMalformed when it is no JSON, or nested deeper than kDeepestNesting: the
// library recurses.
inline constexpr unsigned kDeepestNesting = 200;
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text);

// Whether `text` is a pointer at all: empty (the whole document) or starting with '/'.
[[nodiscard]] bool is_json_pointer(std::string_view text);

// The value at that place, or nullptr. Valid as long as `document`.
[[nodiscard]] const nlohmann::json* find_json(const nlohmann::json& document,
                                              std::string_view pointer);

// A key as it may stand in a document: a string, or a whole number as its decimal text.
[[nodiscard]] std::optional<std::string> as_key(const nlohmann::json& value);

// A count: a whole number from 0 to kLargestCount (also as 2.0). kMalformed, showing the value, for
// everything else.
inline constexpr std::uint64_t kLargestCount = 1'000'000'000'000;
[[nodiscard]] Result<std::uint64_t> as_count(const nlohmann::json& value);

// The value as short printable text, for messages.
[[nodiscard]] std::string shown(const nlohmann::json& value);

}  // namespace squall::effects
