// Reads the words, operators and quoted texts of an expression; remembers columns for messages.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/expectation.hpp"

namespace squall::expr {

// What an outsider wrote, for a message: printable, cut, and in quotes unless it brings its own.
[[nodiscard]] std::string in_quotes(std::string_view outside_text);

// Borrows both texts. A word ends at a blank, a quote or one of <>=!, and at each of `marks`.
// Blanks between tokens are skipped.
class Scanner {
 public:
  explicit Scanner(std::string_view text, std::string_view marks = {})
      : text_(text), marks_(marks) {
    skip_blanks();
  }

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] bool at_quote() const { return !at_end() && text_[at_] == '"'; }
  // Of the next token, from 1.
  [[nodiscard]] std::size_t column() const { return at_ + 1; }
  // The next word, empty when something else comes next.
  [[nodiscard]] std::string_view peek_word() const;
  // Everything up to the next blank, whatever it is: to quote it in a message.
  [[nodiscard]] std::string_view peek_anything() const;
  std::string_view take_word();
  // Takes the word if it is the next one.
  bool take_if(std::string_view word);
  // The same with one of the marks.
  bool take_mark(char mark);
  // The next comparison; fails with what stands there instead.
  Result<Comparison> take_comparison();
  // "{{…}}" when that comes next, else nothing.
  std::string_view take_braces();
  // A JSON string. REQUIRES: at_quote().
  Result<std::string> take_quoted();

  // An error at that column.
  [[nodiscard]] static tl::unexpected<Error> error_at(std::size_t column, std::string message);
  // `"got" is not …; did you mean "…"?` or the list of what could stand there.
  [[nodiscard]] tl::unexpected<Error> unexpected_here(
      std::string_view expected, const std::vector<std::string_view>& choices) const;
  // Fails unless everything was read.
  [[nodiscard]] Result<void> expect_end() const;

 private:
  void skip_blanks();

  std::string_view text_;
  std::string_view marks_;
  std::size_t at_ = 0;
};

}  // namespace squall::expr
