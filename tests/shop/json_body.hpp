// Reading JSON that strangers send.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "loadgen/base/result.hpp"

namespace squall::shop {

// Each fails with kMalformed and a message for the answer's `detail`.

[[nodiscard]] Result<nlohmann::json> parse_object(std::string_view body);
// A text of 1 to 200 bytes without NUL.
[[nodiscard]] Result<std::string> text_field(const nlohmann::json& object, const char* name);
// A text as above, or an integer, which becomes its digits.
[[nodiscard]] Result<std::string> text_or_number_field(const nlohmann::json& object,
                                                       const char* name);
// An integer from `lowest` to `highest`.
[[nodiscard]] Result<std::int64_t> integer_field(const nlohmann::json& object, const char* name,
                                                 std::int64_t lowest, std::int64_t highest);

}  // namespace squall::shop
