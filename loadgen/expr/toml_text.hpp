// The text of a TOML file beside its parsed form: positions in bytes, and syntax errors in words
// that help.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/error.hpp"

namespace squall::expr {

// Borrows `text`, which must outlive this. Immutable; any thread.
class TomlText {
 public:
  // Each part of a dotted key is a level of nesting. The TOML library limits the nesting of lists
  // and inline tables but not this one, and recurses over it: a file of a million dots would
  // overflow the stack.
  static constexpr std::size_t kMaxKeyParts = 64;

  TomlText(std::string_view text, std::string file);

  // Turns the library's column, which counts code points, into one that counts bytes.
  [[nodiscard]] SourceRef at(std::size_t line, std::size_t column) const;

  // Where a key with more than kMaxKeyParts parts stands, if there is one.
  [[nodiscard]] std::optional<SourceRef> too_deep_key() const;

  // A sentence for people, made of the library's and of what stands in that line.
  [[nodiscard]] std::string explain(std::string_view library_message, std::size_t line) const;

 private:
  // Without its line break; empty past the end.
  [[nodiscard]] std::string_view line_text(std::size_t line) const;
  [[nodiscard]] std::string hint(std::string_view library_message, std::size_t line) const;

  std::string_view text_;  // without a byte order mark
  std::string file_;
  std::vector<std::size_t> line_starts_;
};

}  // namespace squall::expr
