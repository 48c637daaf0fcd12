// Holds answers against what a step expects of them, and takes values out of them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "loadgen/expr/expectation.hpp"

namespace squall::expr {

// One per worker: owns a JSON parser and its buffers and uses them again for every answer, so that
// judging allocates only while it meets larger bodies than before. One thread. Bodies come from
// outside: whatever they hold, nothing throws.
//
//   checker.begin(status, body);
//   if (const auto unmet = checker.first_unmet(step.expect)) …
//   checker.extract(step.extract[0], slot);
class AnswerChecker {
 public:
  AnswerChecker();
  ~AnswerChecker();
  AnswerChecker(AnswerChecker&&) noexcept;
  AnswerChecker& operator=(AnswerChecker&&) noexcept;

  // Takes up an answer. Borrows `body` until the next begin(). Cheap: JSON is parsed when something
  // first asks for it, and once for all expectations and extractions of this answer.
  void begin(int status, std::string_view body);

  // The position of the first expectation that the answer does not meet; nothing when it meets all.
  // The whole body must be JSON (RFC 8259, at most 1024 levels) for any `json` expectation to be
  // met. A value that is not there meets no comparison, "!=" included; a value of another type than
  // the expected one only meets "!=". Numbers are compared as doubles. When a member stands twice
  // in an object, the first counts.
  [[nodiscard]] std::optional<std::size_t> first_unmet(std::span<const Expectation> expectations);
  [[nodiscard]] bool meets(const Expectation& expectation);

  // Writes the value to `out` (its capacity is reused): a string without quotes and escapes, a
  // number as it was written, "true" or "false", an object or array as its JSON text. False, and
  // `out` empty, when the body is not JSON or has no such value, or it is null.
  [[nodiscard]] bool extract(const Extraction& extraction, std::string& out);

  // One clause for people on what the answer has where the expectation looks: `status is 503`,
  // `/status is "failed"`, `the body is not JSON`. Printable whatever the body holds. Not for the
  // hot path.
  [[nodiscard]] std::string describe(const Expectation& expectation);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::expr
