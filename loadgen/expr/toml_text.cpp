#include "loadgen/expr/toml_text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::expr {
namespace {

constexpr bool is_continuation_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Walks over a file, skips strings and comments and counts the dots of each key (and number:
// harmless).
class DotCounter {
 public:
  explicit DotCounter(std::string_view text) : text_(text) {}

  // Offset of the first dot that is one too many, or npos.
  std::size_t find(std::size_t limit) {
    std::size_t dots = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (c == '.') {
        if (++dots >= limit) {
          return at_;
        }
      } else if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[') {
        dots = 0;
      }
      ++at_;
    }
    return std::string_view::npos;
  }

 private:
  void skip_string(char quote) {
    const std::string triple(3, quote);
    const bool multi_line = text_.substr(at_).starts_with(triple);
    const std::string_view end =
        multi_line ? std::string_view(triple) : std::string_view(triple).substr(0, 1);
    at_ += end.size();
    while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) {
      if (!multi_line && text_[at_] == '\n') {
        return;
      }
      at_ += quote == '"' && text_[at_] == '\\' ? 2U : 1U;
    }
    at_ = std::min(at_ + end.size(), text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// "rate = 200/s  # why" → the key and the bare word behind it, when it is neither quoted nor a
// list, table or boolean.
struct BareValue {
  std::string_view key;
  std::string_view word;
};
std::optional<BareValue> bare_value(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view key = trim(line.substr(0, equals));
  const std::string_view rest = line.substr(equals + 1);
  const std::string_view word = trim(rest.substr(0, rest.find('#')));
  constexpr std::string_view kBareKey =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  const bool quotable = !key.empty() && key.find_first_not_of(kBareKey) == std::string_view::npos &&
                        !word.empty() && word.size() <= 60 &&
                        word.find_first_of("\"'[]{},=\\") == std::string_view::npos;
  return quotable ? std::optional(BareValue{key, word}) : std::nullopt;
}

}  // namespace

TomlText::TomlText(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
  if (text_.starts_with("\xef\xbb\xbf")) {
    text_.remove_prefix(3);
  }
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') {
      line_starts_.push_back(i + 1);
    }
  }
}

std::string_view TomlText::line_text(std::size_t line) const {
  if (line == 0 || line > line_starts_.size()) {
    return {};
  }
  const std::size_t begin = line_starts_[line - 1];
  const std::size_t end = std::min(text_.find('\n', begin), text_.size());
  return text_.substr(begin, end - begin);
}

SourceRef TomlText::at(std::size_t line, std::size_t column) const {
  // Counted from the line's start each time: lines are short, and a plan has few values.
  const std::string_view text = line_text(line);
  std::size_t byte = 0;
  for (std::size_t code_point = 1; code_point < column && byte < text.size(); ++code_point) {
    ++byte;
    while (byte < text.size() && is_continuation_byte(text[byte])) {
      ++byte;
    }
  }
  return {file_, static_cast<unsigned>(line), static_cast<unsigned>(byte + 1)};
}

std::optional<SourceRef> TomlText::too_deep_key() const {
  const std::size_t offset = DotCounter(text_).find(kMaxKeyParts);
  if (offset == std::string_view::npos) {
    return std::nullopt;
  }
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<unsigned>(next - line_starts_.begin());
  return SourceRef{file_, line, static_cast<unsigned>(offset - *(next - 1) + 1)};
}

std::string TomlText::hint(std::string_view library_message, std::size_t line) const {
  const auto says = [&](std::string_view part) {
    return library_message.find(part) != std::string_view::npos;
  };
  if (says("utf-8")) {
    return "a plan is UTF-8 text";
  }
  if (says("cannot redefine existing table")) {
    return "write [[…]] for a table that may stand several times";
  }
  if (says("inline table") && (says("'\\n'") || says("'\\r'"))) {
    return "an inline table { … } stands on one line";
  }
  if (says("string") && (says("end-of-file") || says("control characters"))) {
    return "is a closing quote missing? Text over several lines stands in ''' … '''";
  }
  if (says("key-value pair: encountered end-of-file")) {
    return "the value is missing";
  }
  if (says("floating-point")) {
    return "write for example 0.5";
  }
  if (says("dangling comma") || says("redefine") || says("prohibited") || says("representable")) {
    return {};
  }
  const auto bare = bare_value(line_text(line));
  if (!bare) {
    return {};
  }
  if (const std::string word = to_lower(bare->word); word == "true" || word == "false") {
    return word == bare->word ? std::string() : fmt::format("write {}", word);
  }
  return fmt::format("text and quantities stand in quotes: {} = \"{}\"", printable(bare->key),
                     printable(bare->word));
}

std::string TomlText::explain(std::string_view library_message, std::size_t line) const {
  constexpr std::string_view kPrefix = "Error while parsing ";
  std::string_view message = library_message;
  std::string place;
  if (message.starts_with(kPrefix)) {
    message.remove_prefix(kPrefix.size());
    const std::size_t colon = message.find(": ");
    if (colon != std::string_view::npos) {
      place = fmt::format(" ({})", message.substr(0, colon));
      message.remove_prefix(colon + 2);
    }
  }
  std::string text = fmt::format("not TOML: {}{}", printable(message, 300), place);
  if (const std::string help = hint(library_message, line); !help.empty()) {
    text += "; " + help;
  }
  return text;
}

}  // namespace squall::expr
