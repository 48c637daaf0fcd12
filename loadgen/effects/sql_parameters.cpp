#include "loadgen/effects/sql_parameters.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace squall::effects {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Walks over the query; each skip leaves `at_` behind what it skipped, at most at the end.
class Walk {
 public:
  Walk(std::string_view query, SqlDialect dialect) : query_(query), dialect_(dialect) {}

  unsigned highest() {
    while (at_ < query_.size()) {
      step();
    }
    return highest_;
  }

  std::string replaced(std::string_view text) {
    (void)highest();
    std::string result;
    std::size_t done = 0;
    for (const auto& [start, end] : parameters_) {
      result += query_.substr(done, start - done);
      result += text;
      done = end;
    }
    result += query_.substr(done);
    return result;
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < query_.size() ? query_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool is_postgres() const { return dialect_ == SqlDialect::kPostgres; }

  void step() {
    const char c = peek();
    if (c == '\'') {
      skip_quoted('\'', is_postgres() && follows_escape_mark());
    } else if (c == '"' || (c == '`' && !is_postgres())) {
      skip_quoted(c, false);
    } else if (c == '[' && !is_postgres()) {
      skip_behind("]");
    } else if (c == '-' && peek(1) == '-') {
      skip_behind("\n");
    } else if (c == '/' && peek(1) == '*') {
      skip_comment();
    } else if (is_name_start(c)) {
      skip_name();
    } else if (c == '$') {
      dollar();
    } else {
      ++at_;
    }
  }

  void skip_behind(std::string_view mark) {
    const std::size_t found = query_.find(mark, at_);
    at_ = found == std::string_view::npos ? query_.size() : found + mark.size();
  }

  // A doubled quote stands for itself; so it ends one literal and starts the next, which comes to
  // the same.
  void skip_quoted(char quote, bool backslash_escapes) {
    for (++at_; at_ < query_.size() && query_[at_] != quote; ++at_) {
      at_ += backslash_escapes && query_[at_] == '\\' ? 1U : 0U;
    }
    at_ = std::min(at_ + 1, query_.size());
  }

  // E'…' of PostgreSQL; the letter belongs to no longer name.
  [[nodiscard]] bool follows_escape_mark() const {
    return at_ > 0 && name_end_ == at_ && name_start_ + 1 == at_ &&
           (query_[at_ - 1] == 'e' || query_[at_ - 1] == 'E');
  }

  // PostgreSQL's comments nest.
  void skip_comment() {
    std::size_t depth = 0;
    while (at_ < query_.size()) {
      if (peek() == '/' && peek(1) == '*' && (depth == 0 || is_postgres())) {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) {
          return;
        }
      } else {
        ++at_;
      }
    }
  }

  // A `$` inside a name belongs to it.
  void skip_name() {
    name_start_ = at_;
    while (at_ < query_.size() && (is_name_start(peek()) || is_digit(peek()) || peek() == '$')) {
      ++at_;
    }
    name_end_ = at_;
  }

  void dollar() {
    const std::size_t start = at_++;
    if (is_digit(peek())) {
      unsigned number = 0;
      for (; is_digit(peek()); ++at_) {
        number = std::min(number * 10 + static_cast<unsigned>(peek() - '0'), 1'000'000U);
      }
      highest_ = std::max(highest_, number);
      parameters_.emplace_back(start, at_);
      return;
    }
    while (is_name_start(peek()) || is_digit(peek())) {
      ++at_;
    }
    if (is_postgres() && peek() == '$') {  // $tag$ … $tag$
      ++at_;
      skip_behind(query_.substr(start, at_ - start));
    }
  }

  std::string_view query_;
  SqlDialect dialect_;
  std::size_t at_ = 0;
  std::size_t name_start_ = 0;  // of the last name
  std::size_t name_end_ = 0;
  unsigned highest_ = 0;
  std::vector<std::pair<std::size_t, std::size_t>> parameters_;  // from, to
};

}  // namespace

unsigned highest_parameter(std::string_view query, SqlDialect dialect) {
  return Walk(query, dialect).highest();
}

std::string with_parameters(std::string_view query, SqlDialect dialect, std::string_view text) {
  return Walk(query, dialect).replaced(text);
}

}  // namespace squall::effects
