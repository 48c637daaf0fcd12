#include "loadgen/effects/json_pointer.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/json_place.hpp"

namespace squall::effects {
namespace {

using nlohmann::json;

const json* element(const json& array, std::string_view token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool canonical = token == "0" || !token.starts_with('0');
  if (error != std::errc{} || end != token.data() + token.size() || !canonical ||
      index >= array.size()) {
    return nullptr;
  }
  return &array[index];
}

bool nests_too_deep(std::string_view text) {
  unsigned depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      at += c == '\\' ? 1 : 0;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestNesting) {
        return true;
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<json> parse_json(std::string_view text) {
  json document =
      nests_too_deep(text) ? json(json::value_t::discarded) : json::parse(text, nullptr, false);
  if (document.is_discarded()) {
    return fail(ErrorCode::kMalformed, "the answer is not JSON: " + printable(text, 60));
  }
  return document;
}

bool is_json_pointer(std::string_view text) {
  return text.empty() || text.front() == '/';
}

const json* find_json(const json& document, std::string_view pointer) {
  if (!is_json_pointer(pointer)) {
    return nullptr;
  }
  const json* at = &document;
  while (!pointer.empty() && at != nullptr) {
    pointer.remove_prefix(1);
    const std::size_t slash = pointer.find('/');
    const std::string_view token = pointer.substr(0, slash);
    pointer = slash == std::string_view::npos ? std::string_view{} : pointer.substr(slash);
    if (at->is_array()) {
      at = element(*at, token);
    } else if (at->is_object()) {
      const auto found = at->find(expr::unescaped_token(token));
      at = found == at->end() ? nullptr : &*found;
    } else {
      at = nullptr;
    }
  }
  return at;
}

std::optional<std::string> as_key(const json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_number_unsigned()) {
    return std::to_string(value.get<std::uint64_t>());
  }
  if (value.is_number_integer()) {
    return std::to_string(value.get<std::int64_t>());
  }
  return std::nullopt;
}

Result<std::uint64_t> as_count(const json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= kLargestCount) {
    return value.get<std::uint64_t>();
  }
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number >= 0 && number <= static_cast<double>(kLargestCount) &&
        number == std::floor(number)) {
      return static_cast<std::uint64_t>(number);
    }
  }
  return fail(ErrorCode::kMalformed, shown(value) + " is not a count");
}

std::string shown(const json& value) {
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace), 60);
}

}  // namespace squall::effects
