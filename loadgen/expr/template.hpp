// Text with {{names}} that are filled in for each request.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::expr {

class Feeder;
class FeederSet;
class Scope;
class TemplateCall;
struct GeneratedRange;
struct TemplateFilter;
struct Value;

// The names a template may use beside the built-in ones: values extracted by earlier steps, by
// slot, and what is known while the plan is read. Borrows; nothing of it is needed to render.
struct TemplateNames {
  std::vector<std::string> extracted{};
  const FeederSet* feeders = nullptr;  // {{users.email}}
  bool body = false;                   // {{body}}: only what is rendered after the body has it
  const Scope* scope = nullptr;        // of names and ${env:…} inside quoted arguments
};

// A request's body where it was rendered: the first `bytes` of `*text`, which may be the text that
// is rendered into.
struct BodyText {
  const std::string* text = nullptr;
  std::size_t bytes = 0;
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
  std::uint64_t chance = 0;  // the operation's stream of chance, made of (seed, step, arrival): the
                             // same for each retry and copy
  BodyText body{};           // {{body}}
  // Where generated content is noted instead of written: places in the text that is rendered into.
  // Null: it is written.
  std::vector<GeneratedRange>* generated = nullptr;
};

// How a value is written where it stands.
enum class Encoding {
  kRaw,
  kJsonText /* inside a JSON string */,
  kJsonValue /* a whole JSON value */,
  kHeader /* a header's value: what would end the line becomes a blank */,
  kPath /* of a request line: what it cannot carry becomes %XX */,
  kForm /* in a form: everything but letters, digits and -._~ becomes %XX */,
  kQuoted /* in the quotes of a multipart field, as HTML's forms write it */
};

// kColumn and kDraw say what a function uses; the others are names too.
enum class Token {
  kKey,
  kSequence,
  kIndex,
  kRun,
  kCaller,
  kNow,
  kExtracted,
  kBody,
  kCall,
  kColumn,
  kDraw
};
enum class TimeFormat { kUnixSeconds, kUnixMilliseconds, kIso8601, kHttpDate, kCustom };

// What a value is: text, a number, which needs no quotes in JSON, or bytes, which are shown as hex.
enum class TextType { kText, kNumber, kBytes };

// Immutable after parsing; any thread may render. Copyable.
//
// Grammar: text { "{{" source { " | " filter } "}}" text }; a source is a name, a quoted text, or a
// function with its arguments: words (numbers, durations) and quoted texts, which may hold {{…}}
// themselves. Names: key, seq, index, run, caller, now, body, those of TemplateNames; functions and
// filters are in registries (template_functions(), template_filters()). Of more than two opening
// braces the last two count: {{{seq}}} is {7}.
class Template {
 public:
  Template() = default;

  // On a name, function, filter or argument that does not exist: kInvalidArgument naming the
  // nearest; on open braces: kMalformed. The column inside `text` (from 1) stands in
  // `where.column`; no file.
  [[nodiscard]] static Result<Template> parse(std::string_view text, const TemplateNames& names);
  // A TOML value as JSON text. A string that is exactly one {{expression}} becomes a value of that
  // expression's own type (seq, index, now and others: a number; else a string); inside a longer
  // string the expression is escaped as JSON text. Errors carry the position of the string inside
  // `value` that is wrong.
  [[nodiscard]] static Result<Template> from_json(const Value& value, const TemplateNames& names);

  // That many bytes of content, of another stream in each operation and at each place.
  [[nodiscard]] static Template generated(std::uint64_t bytes);

  // Appends to `out`. Allocates only when `out` has to grow, apart from digests and tokens.
  void render(const RenderContext& context, std::string& out) const { render(context, 0, out); }
  // The same as a part of something that stands at `place`: what draws there draws otherwise than
  // elsewhere.
  void render(const RenderContext& context, std::uint64_t place, std::string& out) const;

  // Whether it holds no {{names}}; then literal() is the whole text.
  [[nodiscard]] bool is_literal() const { return pieces_.empty(); }
  [[nodiscard]] const std::string& literal() const { return first_; }
  // Whether two renderings for one arrival can differ: it reads the clock or an extracted value.
  [[nodiscard]] bool is_volatile() const;
  // Whether clock skew changes it: {{now}} anywhere in it, or a function that reads the clock.
  [[nodiscard]] bool reads_clock() const { return uses(Token::kNow); }
  // Also inside arguments.
  [[nodiscard]] bool uses(Token token) const;

  // The feeders that can run out (FeederOrder::kUnique) and that it or its arguments use, perhaps
  // several times.
  [[nodiscard]] std::vector<std::shared_ptr<const Feeder>> unique_feeders() const;

  // Where it stands in its request ("header x-id", "body"): chance is drawn by place, so the same
  // text draws another value elsewhere, and a part that is added does not shift what others draw.
  void set_place(std::string_view place);
  // Writes every value that was kRaw in that encoding.
  void set_encoding(Encoding encoding);
  // The same, and its own text too.
  void encode(Encoding encoding);
  // Of its own text, without what is filled in.
  [[nodiscard]] std::size_t literal_bytes() const;
  // Of the content that is generated in it.
  [[nodiscard]] std::uint64_t generated_bytes() const;
  // Joins: the text of this followed by the text of `next`.
  void append(const Template& next);
  void append_literal(std::string_view text);
  // As written, with the {{names}}; ${env:…} inside quoted arguments stays as it is.
  [[nodiscard]] std::string source() const;

 private:
  friend class TemplateParser;
  using Uses = std::uint32_t;  // a set of Tokens
  static constexpr Uses bit(Token token) { return Uses{1} << static_cast<unsigned>(token); }

  // A token and the literal text that follows it.
  struct Piece {
    Token token = Token::kKey;
    Encoding encoding = Encoding::kRaw;
    TimeFormat format = TimeFormat::kUnixSeconds;
    std::uint16_t slot = 0;
    Uses uses = 0;
    Duration offset{};                                   // of kNow
    std::uint64_t place = 0;                             // of kCall
    std::shared_ptr<const TemplateCall> call;            // of kCall
    std::vector<std::shared_ptr<const Feeder>> feeders;  // of it and its arguments: unique ones
    std::vector<const TemplateFilter*> filters;
    std::string time_format;  // of TimeFormat::kCustom, for strftime
    std::string name;         // as written between the braces, for source()
    std::string literal;
  };
  static void append_value(const RenderContext& context, std::uint64_t place, const Piece& piece,
                           Encoding encoding, std::string& out);
  static void append_now(WallTime now, const Piece& piece, std::string& out);

  std::string first_;
  std::vector<Piece> pieces_;
};

// Writes text[from, end) in that encoding, in place.
void encode_tail(std::string& text, std::size_t from, Encoding encoding);

}  // namespace squall::expr
