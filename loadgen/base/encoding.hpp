// Bytes as text and back: what templates, digests and tokens are written in. Appends to `out`,
// which must not be what the bytes are a view of.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace squall {

// Two lower case digits a byte.
void append_hex(std::string_view bytes, std::string& out);

// RFC 4648: kStandard is its §4 with padding, kUrl its §5 without, as tokens carry it.
enum class Base64 { kStandard, kUrl };
void append_base64(std::string_view bytes, Base64 alphabet, std::string& out);

// RFC 4648 §6, as people copy it from their second factor: any case, blanks and missing padding
// are forgiven. Nothing for a character outside the alphabet.
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

// RFC 3986: everything but letters, digits and "-._~" becomes %XX.
void append_percent_encoded(std::string_view bytes, std::string& out);

}  // namespace squall
