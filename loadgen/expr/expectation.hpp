// What a step expects of an answer: `status in 200..299`, `json /status == "succeeded"`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/pattern.hpp"

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
  struct JsonMatches {
    std::string pointer;
    Pattern pattern;
  };
  struct HeaderCompare {
    std::string name;
    Comparison comparison = Comparison::kEqual;  // kEqual or kNotEqual
    std::string text;
  };
  struct HeaderExists {
    std::string name;
  };
  struct HeaderContains {
    std::string name;
    std::string text;
  };
  struct HeaderMatches {
    std::string name;
    Pattern pattern;
  };
  struct BodyContains {
    std::string text;
  };
  struct BodyMatches {
    Pattern pattern;
  };
  struct SizeCompare {
    Comparison comparison = Comparison::kLess;
    ByteCount size;  // of the decoded body
  };
  struct TimeCompare {
    Comparison comparison = Comparison::kLess;
    Duration time{};  // service time
  };
  std::variant<StatusRange, StatusCompare, JsonCompare, JsonExists, JsonMatches, HeaderCompare,
               HeaderExists, HeaderContains, HeaderMatches, BodyContains, BodyMatches, SizeCompare,
               TimeCompare>
      condition;
  std::string source;    // as written
  bool negated = false;  // met when the condition does not hold

  [[nodiscard]] bool needs_body() const;
  [[nodiscard]] bool needs_header() const;
};

// Grammar (EBNF in plans/README.md):
//   status in 200..299 | status == 201 | json /pointer == "text"|number|true|false | json /pointer
//   exists | json /pointer matches "re" | header "X" == "text" | header "X" exists | header "X"
//   contains "text" | header "X" matches "re" | body contains "text" | body matches "re" | size <
//   10KiB | time < 250ms; each of them after "not", too
// Texts are JSON strings; a pointer that holds blanks, quotes or one of <>=! is written as one.
// On failure: kInvalidArgument with the column inside the text in `where.column` (counted from 1;
// no file).
[[nodiscard]] Result<Expectation> parse_expectation(std::string_view text);

}  // namespace squall::expr
