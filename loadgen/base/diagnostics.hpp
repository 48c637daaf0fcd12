// Collects every problem of an input, so that a person mends them all at once instead of one per
// try.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/error.hpp"

namespace squall {

enum class Severity { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  SourceRef where;
  std::string message;

  bool operator==(const Diagnostic&) const = default;
};

// One thread at a time. Values only. What is reported twice in the same words at the same place is
// kept once: two readers may look at one key.
class Diagnostics {
 public:
  void error(SourceRef where, std::string message);
  void warning(SourceRef where, std::string message);

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t error_count() const { return errors_; }
  // In order of position, each position's problems in the order in which they were found.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;
  // One line each: "file:line:col: message", warnings marked "warning: ".
  [[nodiscard]] std::string to_text() const;

 private:
  // False when it is there already.
  bool add(Diagnostic item);

  std::vector<Diagnostic> items_;
  std::size_t errors_ = 0;
};

}  // namespace squall
