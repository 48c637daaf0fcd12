// Where a value for later steps comes from: `json /id`, `header "Location"`, `cookie "sid"`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/pattern.hpp"

namespace squall::expr {

// A longer value is none: what a target sends is hostile, and every iteration keeps its own.
inline constexpr std::size_t kMaxExtractedBytes = 16UL * 1024;

// A value.
struct Extraction {
  enum class From : std::uint8_t {
    kJson,         // of the body, at `pointer`
    kHeader,       // the first field called `field`
    kCookie,       // set by a Set-Cookie field; the last one counts
    kBodyRegex,    // what `pattern` captures of the body
    kHeaderRegex,  // of the first field called `field` that it matches
  };
  std::string name;
  std::string pointer = {};  // RFC 6901
  From from = From::kJson;
  std::string field = {};
  std::optional<Pattern> pattern = {};
  std::optional<std::string> otherwise = {};  // stands for a value that is not there
  bool optional = false;                      // without a value the step succeeds all the same
  std::string source = {};                    // as written

  [[nodiscard]] bool needs_body() const { return from == From::kJson || from == From::kBodyRegex; }
  [[nodiscard]] bool needs_header() const { return !needs_body(); }
};

// Grammar (EBNF in plans/README.md):
//   json /pointer | header "X" | cookie "sid" | regex "re" | regex "re" in header "X"
//   then nothing, `optional`, or `default "text"`
// On failure: kInvalidArgument, with the column inside `text` when that is what is wrong; none when
// `name` is (it must be a word of letters, digits, '_' and '-' that no other name in double braces
// has).
[[nodiscard]] Result<Extraction> parse_extraction(std::string_view name, std::string_view text);

}  // namespace squall::expr
