#include "loadgen/base/diagnostics.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace squall {

void Diagnostics::error(SourceRef where, std::string message) {
  if (add({Severity::kError, std::move(where), std::move(message)})) {
    ++errors_;
  }
}

void Diagnostics::warning(SourceRef where, std::string message) {
  add({Severity::kWarning, std::move(where), std::move(message)});
}

bool Diagnostics::add(Diagnostic item) {
  // A person makes few mistakes, a hostile file many: beyond this, looking for a repetition costs
  // more than it saves.
  constexpr std::size_t kSearched = 100;
  const auto from = items_.end() - static_cast<std::ptrdiff_t>(std::min(items_.size(), kSearched));
  if (std::find(from, items_.end(), item) != items_.end()) {
    return false;
  }
  items_.push_back(std::move(item));
  return true;
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> result = items_;
  std::stable_sort(result.begin(), result.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.where < b.where; });
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
