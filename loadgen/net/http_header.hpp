// Names and values of HTTP header fields, as client and server both need them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::net {

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

// First field of that name, ignoring case; empty when there is none. A view into `fields`.
[[nodiscard]] std::string_view find_header(const HeaderFields& fields, std::string_view name);

// A token of RFC 9110: what field names and methods are made of.
[[nodiscard]] bool is_header_name(std::string_view name);
// A token as name, and a value without line breaks, NUL and other control bytes (tabs are allowed):
// what can be sent without changing the message around it.
[[nodiscard]] bool is_header_field(std::string_view name, std::string_view value);

// The standard phrase of a status ("Not Found"), "Status" for those without one.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace squall::net
