// The text of a plan, to point inside its strings.
#pragma once

#include <string_view>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/expr/table_reader.hpp"

namespace squall::plan {

// Borrows `text`. Any thread.
class SourceText {
 public:
  SourceText(std::string_view text, std::string_view file);

  // The place of byte `column` (from 1) of a string value, also of one that is the argument of an
  // option and stands there as it is. A value whose written form differs from
  // its content (escapes, substituted names, several lines, a value of --set) cannot be pointed
  // into: then its own place.
  [[nodiscard]] SourceRef inside(const expr::LocatedText& value, unsigned column) const;

 private:
  std::string_view file_;
  std::vector<std::string_view> lines_;
};

}  // namespace squall::plan
