// Text with {{names}} that are filled in for each request.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::expr {

struct Value;

// The names a template may use beside the built-in ones: values extracted by earlier steps, by
// slot.
struct TemplateNames {
  std::vector<std::string> extracted;
};

// What a rendering sees. Views must outlive the call.
struct RenderContext {
  std::string_view key{};      // {{key}}: the operation's idempotency key
  std::uint64_t sequence = 0;  // {{seq}}: the global arrival index of the scenario
  std::uint64_t index = 0;     // {{index}}: the pass of the innermost repeat or while, from 0
  std::string_view run_id{};   // {{run}}
  std::string_view caller{};   // {{caller}}: by name; empty when the plan has none
  WallTime now{};              // {{now}}: the instant of rendering, clock skew included
  std::span<const std::string> extracted{};  // by slot of TemplateNames
};

// How a value is written where it stands.
enum class Encoding {
  kRaw,
  kJsonText /* inside a JSON string */,
  kJsonValue /* a whole JSON value */
};

enum class Token { kKey, kSequence, kIndex, kRun, kCaller, kNow, kExtracted };
enum class TimeFormat { kUnixSeconds, kUnixMilliseconds, kIso8601, kHttpDate };

// Immutable after parsing; any thread may render. Copyable.
//
// Grammar: text { "{{" name [ " | " format ] "}}" text }. Names: key, seq, index, run, caller,
// now, and those of TemplateNames. Formats of now: unix (default), unix_ms, iso, http. Of more than
// two opening braces the last two count: {{{seq}}} is {7}.
class Template {
 public:
  Template() = default;

  // On a name or format that does not exist: kInvalidArgument naming the nearest; on open braces:
  // kMalformed. The column inside `text` (from 1) stands in `where.column`; no file.
  [[nodiscard]] static Result<Template> parse(std::string_view text, const TemplateNames& names);
  // A TOML value as JSON text. A string that is exactly one {{expression}} becomes a value of that
  // expression's own type (seq, index and now: a number; others: a string); inside a longer string
  // the expression is escaped as JSON text. Errors carry the position of the string inside `value`
  // that is wrong.
  [[nodiscard]] static Result<Template> from_json(const Value& value, const TemplateNames& names);

  // Appends to `out`. Allocates only when `out` has to grow.
  void render(const RenderContext& context, std::string& out) const;

  // Whether it holds no {{names}}; then literal() is the whole text.
  [[nodiscard]] bool is_literal() const { return pieces_.empty(); }
  [[nodiscard]] std::string_view literal() const { return first_; }
  // Whether two renderings for one arrival can differ: it uses {{now}} or an extracted value.
  [[nodiscard]] bool is_volatile() const;
  [[nodiscard]] bool uses(Token token) const;
  // Joins: the text of this followed by the text of `next`.
  void append(const Template& next);
  void append_literal(std::string_view text);
  // As written, with the {{names}}.
  [[nodiscard]] std::string source() const;

 private:
  friend class TemplateParser;
  // A token and the literal text that follows it.
  struct Piece {
    Token token = Token::kKey;
    Encoding encoding = Encoding::kRaw;
    TimeFormat format = TimeFormat::kUnixSeconds;
    std::uint16_t slot = 0;
    std::string name;  // as written between the braces, for source()
    std::string literal;
  };
  static void append_time(WallTime now, const Piece& piece, std::string& out);

  std::string first_;
  std::vector<Piece> pieces_;
};

}  // namespace squall::expr
