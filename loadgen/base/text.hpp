// Small text helpers that several folders need.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

// The candidate with the smallest edit distance (insert, delete, replace, swap neighbours), if it
// is near enough to be what a person meant: at most a third of the longer word, and one slip in a
// short one ("on" for "no", not "a" for "b"). Empty when none is, and for words above 128 bytes.
[[nodiscard]] std::optional<std::string_view> nearest_name(
    std::string_view word, const std::vector<std::string_view>& candidates);

// "a, b or c".
[[nodiscard]] std::string join_or(const std::vector<std::string_view>& words);

// Quotes for a POSIX shell; plain words stay as they are.
[[nodiscard]] std::string shell_quote(std::string_view word);

// Text that an outsider supplied, made safe to show on a terminal and in logs: control bytes,
// escape sequences, marks that turn the direction of writing and invalid UTF-8 become \xNN, and
// what would make it longer than `max_bytes` is cut and marked with "…".
[[nodiscard]] std::string printable(std::string_view outside_text, std::size_t max_bytes = 200);

// Splits at each separator; "a,,b" has three parts; "" has one empty part. Views into `text`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

[[nodiscard]] std::string_view trim(std::string_view text);

// ASCII only, as HTTP field names and methods are.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string to_lower(std::string_view text);

}  // namespace squall
