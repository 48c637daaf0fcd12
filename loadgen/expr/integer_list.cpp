#include "loadgen/expr/integer_list.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "loadgen/base/diagnostics.hpp"

namespace squall::expr {
namespace {

// Also one that a variable stands for.
std::optional<std::int64_t> integer_of(const Value& value, const Scope& scope) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
    return *number;
  }
  if (value.as_string() == nullptr) {
    return std::nullopt;
  }
  const std::string text = scope.substitute(*value.as_string()).value_or(std::string());
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

std::vector<std::int64_t> read_integers(const Value& table, std::string_view key,
                                        TableReader& reader, std::int64_t min, std::int64_t max,
                                        std::string_view example) {
  std::vector<std::int64_t> numbers;
  const Value* written = table.find(key);
  if (written == nullptr) {
    return numbers;
  }
  const Array* list = written->as_array();
  const std::size_t count = list != nullptr ? list->size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    const Value& item = list != nullptr ? (*list)[i] : *written;
    const auto number = integer_of(item, reader.scope());
    if (!number) {
      reader.diagnostics().error(
          item.where, fmt::format("\"{}\" takes integers; write for example {}", key, example));
    } else if (*number < min || *number > max) {
      reader.diagnostics().error(
          item.where,
          fmt::format("\"{}\" takes integers from {} to {}, not {}", key, min, max, *number));
    } else if (std::find(numbers.begin(), numbers.end(), *number) != numbers.end()) {
      reader.diagnostics().error(item.where, fmt::format("{} stands here twice", *number));
    } else {
      numbers.push_back(*number);
    }
  }
  if (list != nullptr && list->empty()) {
    reader.error(key, fmt::format("an empty list says nothing; write for example {}", example));
  }
  return numbers;
}

}  // namespace squall::expr
