#include "loadgen/base/diagnostics.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace squall {

void Diagnostics::error(SourceRef where, std::string message) {
  items_.push_back({Severity::kError, std::move(where), std::move(message)});
  ++errors_;
}

void Diagnostics::warning(SourceRef where, std::string message) {
  items_.push_back({Severity::kWarning, std::move(where), std::move(message)});
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> result = items_;
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.where < b.where;
  });
  return result;
}

std::string Diagnostics::to_text() const {
  std::string text;
  for (const Diagnostic& item : sorted()) {
    text += fmt::format("{}: {}{}\n", to_string(item.where),
                        item.severity == Severity::kWarning ? "warning: " : "", item.message);
  }
  return text;
}

}  // namespace squall
