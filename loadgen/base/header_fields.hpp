// Header fields in containers of pairs, name and value, in the order of the message. Names have no
// case.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "loadgen/base/text.hpp"

namespace squall {

// Whether the text can be a method or the name of a field (RFC 9110 §5.6.2).
[[nodiscard]] inline bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// The first field of that name, else fields.end().
template <class Fields>
[[nodiscard]] auto find_field(Fields& fields, std::string_view name) {
  return std::find_if(fields.begin(), fields.end(), [name](const auto& field) {
    return equals_ignoring_case(field.first, name);
  });
}

template <class Fields>
[[nodiscard]] bool has_field(const Fields& fields, std::string_view name) {
  return find_field(fields, name) != fields.end();
}

// Adds a field, or its value to the list that the field of that name is: several lines of one name
// mean the same as one with all values (RFC 9110 §5.3; cookies: RFC 6265 §5.4).
template <class Fields>
void add_joined(Fields& fields, std::string_view name, std::string_view value) {
  const auto known = find_field(fields, name);
  if (known == fields.end()) {
    fields.emplace_back(name, value);
    return;
  }
  known->second += equals_ignoring_case(name, "Cookie") ? "; " : ", ";
  known->second += value;
}

}  // namespace squall
