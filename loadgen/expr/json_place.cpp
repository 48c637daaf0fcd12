#include "loadgen/expr/json_place.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

#include "loadgen/expr/json_text.hpp"

namespace squall::expr {
namespace {

// Walks over a JSON text. What it does not need to know it does not check: brackets are counted,
// not matched by kind.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] char next() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    const bool there = next() == wanted;
    at_ += there ? 1U : 0U;
    return there;
  }
  // The inside of a string, as written.
  std::optional<std::string_view> string() {
    if (!take('"')) {
      return std::nullopt;
    }
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' ? 2U : 1U;
    }
    if (at_ >= text_.size()) {
      return std::nullopt;
    }
    return text_.substr(from, at_++ - from);
  }
  bool value() {
    std::size_t depth = 0;
    do {
      const char c = next();
      if (c == '"') {
        if (!string()) {
          return false;
        }
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth == 0) {
          return false;
        }
        --depth;
        ++at_;
      } else if (c == ',' || c == ':') {
        if (depth == 0) {
          return false;
        }
        ++at_;
      } else if (!word()) {
        return false;
      }
    } while (depth > 0);
    return true;
  }

 private:
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool word() {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,:[]{}\"", at_), text_.size());
    const bool some = end > at_;
    at_ = end;
    return some;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Goes to the value of the member. False when there is none.
bool enter_member(Walker& walker, std::string_view name) {
  if (!walker.take('{') || walker.take('}')) {
    return false;
  }
  do {
    const auto found = walker.string();
    if (!found || !walker.take(':')) {
      return false;
    }
    if (*found == name) {
      return true;
    }
  } while (walker.value() && walker.take(','));
  return false;
}

bool enter_element(Walker& walker, std::string_view digits) {
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  const bool plain = error == std::errc() && end == digits.data() + digits.size() &&
                     (digits.size() == 1 || digits.front() != '0');
  if (!plain || !walker.take('[') || walker.next() == ']') {
    return false;
  }
  for (std::uint64_t i = 0; i < index; ++i) {
    if (!walker.value() || !walker.take(',')) {
      return false;
    }
  }
  return true;
}

// A reference token of a pointer as the name stands in JSON.
std::string json_name(std::string_view token) {
  std::string text;
  append_json_text(unescaped_token(token), text);
  return text;
}

bool enter(Walker& walker, std::string_view token) {
  if (walker.next() == '[') {
    return enter_element(walker, token);
  }
  const bool as_written = token.find_first_of("~\"\\") == std::string_view::npos;
  return as_written ? enter_member(walker, token) : enter_member(walker, json_name(token));
}

}  // namespace

std::optional<std::string_view> find_json(std::string_view json, std::string_view pointer) {
  Walker walker(json);
  while (!pointer.empty()) {
    if (pointer.front() != '/') {
      return std::nullopt;
    }
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    if (!enter(walker, pointer.substr(0, end))) {
      return std::nullopt;
    }
    pointer.remove_prefix(end);
  }
  static_cast<void>(walker.next());
  const std::size_t from = walker.at();
  if (!walker.value()) {
    return std::nullopt;
  }
  return json.substr(from, walker.at() - from);
}

std::optional<std::string> replace_json(std::string_view json, std::string_view pointer,
                                        std::string_view value) {
  const auto place = find_json(json, pointer);
  if (!place) {
    return std::nullopt;
  }
  const auto at = static_cast<std::size_t>(place->data() - json.data());
  std::string replaced(json);
  return replaced.replace(at, place->size(), value);
}

std::string unescaped_token(std::string_view token) {
  std::string result;
  for (std::size_t at = 0; at < token.size(); ++at) {
    if (token[at] == '~' && at + 1 < token.size() &&
        (token[at + 1] == '0' || token[at + 1] == '1')) {
      result += token[++at] == '0' ? '~' : '/';
    } else {
      result += token[at];
    }
  }
  return result;
}

std::string pointer_to(std::string_view parent, std::string_view name) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : name) {
    pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return pointer;
}

bool is_json_pointer(std::string_view text) {
  if (text.empty() || text.front() != '/') {
    return false;
  }
  for (std::size_t i = text.find('~'); i != std::string_view::npos; i = text.find('~', i + 1)) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (next != '0' && next != '1') {
      return false;
    }
  }
  return true;
}

}  // namespace squall::expr
