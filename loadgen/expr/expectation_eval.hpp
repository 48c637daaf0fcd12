// Holds answers against expectations and takes values from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"
#include "loadgen/expr/expectation.hpp"
#include "loadgen/expr/expectation_text.hpp"
#include "loadgen/expr/extraction.hpp"
#include "loadgen/expr/json_answer.hpp"
#include "loadgen/expr/template.hpp"

namespace squall::expr {

// An answer as it is judged. Views must outlive what is done with it.
struct Answer {
  int status = 0;
  std::string_view body{};
  std::string_view head{};       // header fields, each "Name: value\n"
  std::uint64_t body_bytes = 0;  // decoded, also what was not kept
  Duration service{};
};

// One per worker: owns a JSON parser and its buffers and uses them again for every answer, so that
// judging allocates only while it meets larger bodies than before. One thread. Bodies come from
// outside: whatever they hold, nothing throws.
//
//   checker.begin({.status = status, .body = body});
//   if (const auto unmet = checker.first_unmet(step.expect)) …
//   checker.extract(step.extract[0], slot);
class AnswerChecker {
 public:
  // Takes up an answer. Borrows its texts until the next begin(). Cheap: JSON is parsed when
  // something first asks for it, and once for all expectations and extractions of this answer.
  // `operation` is what texts with {{names}} are filled in from.
  void begin(const Answer& answer, const RenderContext& operation = {});
  void begin(int status, std::string_view body) {
    begin({.status = status, .body = body, .body_bytes = body.size()});
  }

  // The position of the first expectation that the answer does not meet; nothing when it meets all.
  // The whole body must be JSON (RFC 8259, at most 1024 levels) for any `json` expectation to be
  // met. A value that is not there meets no comparison, "!=" included; a value of another type than
  // the expected one only meets "!=". Numbers are compared as doubles. When a member stands twice
  // in an object, the first counts; of header fields of one name, any. A pattern is held against a
  // string without its quotes, against other JSON values as they are written. A negated expectation
  // is met exactly when the other is not.
  // `texts` has, by position, what stands for the expectations' own texts; positions behind its end
  // have none.
  using ExpectedTexts = std::span<const std::optional<ExpectedText>>;
  [[nodiscard]] std::optional<std::size_t> first_unmet(std::span<const Expectation> expectations,
                                                       ExpectedTexts texts = {});
  [[nodiscard]] bool meets(const Expectation& expectation, const ExpectedText* text = nullptr);

  // Writes the value to `out` (its capacity is reused): a JSON string without quotes and escapes, a
  // number as it was written, "true" or "false", an object or array as its JSON text; a header
  // field, a cookie's value and what a pattern captured as they came. Where it is not there (null
  // counts as that) the extraction's default stands for it. False, and `out` empty, when there is
  // neither, or more than kMaxExtractedBytes of it.
  [[nodiscard]] bool extract(const Extraction& extraction, std::string& out);

  // One clause for people on what the answer has where the expectation looks: `status is 503`,
  // `/status is "failed"`, `the body is not JSON`. Printable whatever the body holds. Not for the
  // hot path.
  [[nodiscard]] std::string describe(const Expectation& expectation);
  // The expectation as written, and, printable, what its {{names}} came to. Not for the hot path.
  [[nodiscard]] std::string wanted(const Expectation& expectation, const ExpectedText* text);

 private:
  struct Meets;
  struct Describes;
  [[nodiscard]] std::optional<std::string_view> value_of(const Extraction& extraction);

  Answer answer_;
  RenderContext operation_;
  std::string filled_;  // an ExpectedText, rendered
  JsonAnswer json_;
};

}  // namespace squall::expr
