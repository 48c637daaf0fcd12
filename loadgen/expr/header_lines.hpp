// Header fields as one text, each "Name: value\n": how answers are handed on without a container.
#pragma once

#include <string_view>

#include "loadgen/base/text.hpp"

namespace squall::expr {

// Calls `visit(value)` for each field of that name, ignoring case, until it returns true. Whether
// it did.
template <class Visit>
bool any_field(std::string_view head, std::string_view name, Visit visit) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find('\n'));
    head.remove_prefix(line.size() < head.size() ? line.size() + 1 : line.size());
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equals_ignoring_case(line.substr(0, colon), name)) {
      continue;
    }
    if (visit(trim(line.substr(colon + 1)))) {
      return true;
    }
  }
  return false;
}

}  // namespace squall::expr
