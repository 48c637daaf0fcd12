// A number inside a JSON document as it is written there, digit for digit.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::effects {

// The decimal (decimal.hpp) at `pointer` (RFC 6901): a number, or a string that is one, as APIs
// write money. kMalformed when the text is no JSON or has no such number there. Of a name that an
// object has twice the last one counts. REQUIRES: is_json_pointer(pointer).
[[nodiscard]] Result<std::string> decimal_at(std::string_view text, std::string_view pointer);

}  // namespace squall::effects
