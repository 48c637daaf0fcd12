#include "loadgen/plan/build.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::plan {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kFew = 6;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

void NameSet::add(const std::string& name, const SourceRef& where) {
  if (!is_plain_name(name)) {
    diagnostics_.error(
        where, fmt::format("\"{}\" cannot be the name of a {}: names begin with a letter and hold "
                           "letters, digits, '-' and '_', for example \"checkout-2\"",
                           printable(name), what_));
    return;
  }
  const auto taken = std::find_if(seen_.begin(), seen_.end(),
                                  [&](const auto& other) { return other.first == name; });
  if (taken != seen_.end()) {
    diagnostics_.error(where, fmt::format("a second {} named \"{}\"; the first is at {}", what_,
                                          name, to_string(taken->second)));
    return;
  }
  seen_.emplace_back(name, where);
}

std::string unknown_name(std::string_view what, std::string_view name,
                         const std::vector<std::string_view>& known) {
  std::string message = fmt::format("there is no {} named \"{}\"", what, printable(name));
  if (const auto nearest = nearest_name(name, known)) {
    message += fmt::format("; did you mean \"{}\"?", *nearest);
  } else if (!known.empty() && known.size() <= kFew) {
    message += fmt::format("; there is {}", join_or(known));
  } else if (known.empty()) {
    message += fmt::format("; the plan has no {} at all", what);
  }
  return message;
}

std::size_t bounded(std::size_t count, std::size_t limit, std::string_view what,
                    const std::vector<const expr::Value*>& tables, Diagnostics& diagnostics) {
  if (count <= limit) {
    return count;
  }
  diagnostics.error(tables[limit]->where, fmt::format("a plan has at most {} {}s", limit, what));
  return limit;
}

}  // namespace squall::plan
