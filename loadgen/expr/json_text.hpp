// JSON text out of values, without a JSON library: templates write on the hot path.
#pragma once

#include <string>
#include <string_view>

namespace squall::expr {

// Appends `text` as it stands inside a JSON string, without the quotes. Bytes that are not ASCII
// pass unchanged.
void append_json_text(std::string_view text, std::string& out);

// The shortest text that reads back as the same number, always with a fraction or an exponent.
// REQUIRES: finite.
[[nodiscard]] std::string json_number(double number);

}  // namespace squall::expr
