// Where a value stands in a JSON text, to replace it without touching another byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace squall::expr {

// The text of the value that the JSON pointer (RFC 6901; "" is the whole) names: a part of `json`.
// Nothing when it is not there, or when `json` is no JSON as far as it was looked at. Names are
// compared as squall writes them (append_json_text): one written with other escapes is not found.
// No allocation for pointers whose names need no escapes.
[[nodiscard]] std::optional<std::string_view> find_json(std::string_view json,
                                                        std::string_view pointer);

// `json` with that value replaced, all other bytes as they were. Nothing when it is not there.
[[nodiscard]] std::optional<std::string> replace_json(std::string_view json,
                                                      std::string_view pointer,
                                                      std::string_view value);

// The pointer to the member of that name (or to the element "3") of what `parent` points to.
[[nodiscard]] std::string pointer_to(std::string_view parent, std::string_view name);

// The name that a token of a pointer stands for: without its escapes ~0 and ~1.
[[nodiscard]] std::string unescaped_token(std::string_view token);

// Whether the text is a JSON pointer to something inside a document: "/a/b", not "".
[[nodiscard]] bool is_json_pointer(std::string_view text);

}  // namespace squall::expr
