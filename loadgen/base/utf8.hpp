// UTF-8, as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace squall {

// Length of the valid sequence at the front of `text`, 0 if there is none. REQUIRES: not empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

// Appends the code point; one that UTF-8 cannot write (a surrogate, above U+10FFFF) becomes U+FFFD.
void append_utf8(std::uint32_t code_point, std::string& out);

}  // namespace squall
