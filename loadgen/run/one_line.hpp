// Reasons are one sentence, whatever they quote.
#pragma once

#include <string>
#include <string_view>

namespace squall::run {

// A text of several lines, such as one that quotes a log, in one: each trimmed, a blank between.
// Pure.
[[nodiscard]] std::string in_one_line(std::string_view text);

}  // namespace squall::run
