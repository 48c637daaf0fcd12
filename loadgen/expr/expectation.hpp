// What a step expects of an answer: `status in 200..299`, `json /status == "succeeded"`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::expr {

enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
[[nodiscard]] std::string_view to_string(Comparison comparison);

// One condition on an answer. A value.
struct Expectation {
  struct StatusRange {
    int low = 200;
    int high = 299;  // inclusive
  };
  struct StatusCompare {
    Comparison comparison = Comparison::kEqual;
    int status = 200;
  };
  struct JsonCompare {
    std::string pointer;  // RFC 6901
    Comparison comparison = Comparison::kEqual;
    std::variant<std::string, double, bool> expected;  // ordering comparisons need a number
  };
  struct JsonExists {
    std::string pointer;
  };
  struct BodyContains {
    std::string text;
  };
  std::variant<StatusRange, StatusCompare, JsonCompare, JsonExists, BodyContains> condition;
  std::string source;  // as written

  [[nodiscard]] bool needs_body() const;
};

// Grammar (EBNF in plans/README.md):
//   status in 200..299 | status == 201 | json /pointer == "text"|number|true|false | json /pointer
//   exists | body contains "text"
// Texts are JSON strings; a pointer that holds blanks, quotes or one of <>=! is written as one.
// On failure: kInvalidArgument with the column inside the text in `where.column` (counted from 1;
// no file).
[[nodiscard]] Result<Expectation> parse_expectation(std::string_view text);

// Where an extracted value comes from: `json /id`. (`header`, `regex` and `cookie` have their place
// in this grammar.)
struct Extraction {
  std::string name;
  std::string pointer;  // RFC 6901
};
// On failure: kInvalidArgument, with the column inside `text` when that is what is wrong; none when
// `name` is (it must be a word of letters, digits, '_' and '-' that no other name in double braces
// has).
[[nodiscard]] Result<Extraction> parse_extraction(std::string_view name, std::string_view text);

}  // namespace squall::expr
