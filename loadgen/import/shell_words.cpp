#include "loadgen/import/shell_words.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/base/utf8.hpp"
#include "loadgen/import/plan_text.hpp"

namespace squall::import {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kOperators = "|&;<>()\n";

int hex_digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Result<ShellText> run() {
    while (at_ < text_.size()) {
      if (auto ok = step(); !ok) {
        return fail(ok.error());
      }
    }
    end_word();
    end_command();
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n';
  }

  // Words come in order, so counting goes on where it stopped; a quote that was never closed lies
  // behind.
  [[nodiscard]] SourceRef place(std::size_t offset) {
    if (offset < counted_) {
      counted_ = line_start_ = 0;
      line_ = 1;
    }
    for (; counted_ < offset; ++counted_) {
      if (text_[counted_] == '\n') {
        ++line_;
        line_start_ = counted_ + 1;
      }
    }
    return {{}, line_, static_cast<unsigned>(offset - line_start_ + 1)};
  }
  [[nodiscard]] tl::unexpected<Error> malformed(std::string message, std::size_t offset) {
    return fail(Error{ErrorCode::kMalformed, std::move(message), place(offset)});
  }

  void begin_word() {
    if (!word_) {
      word_ = ShellWord{{}, place(at_)};
    }
  }
  void end_word() {
    if (word_ && !skip_words_) {
      command_.words.push_back(std::move(*word_));
    } else if (word_) {
      result_.left_out.back() += " " + printable(word_->text);
      skip_words_ = until_separator_;
    }
    word_.reset();
  }
  void end_command() {
    if (!command_.words.empty()) {
      result_.commands.push_back(std::move(command_));
    }
    command_ = {};
    skip_words_ = until_separator_ = false;
  }
  // What follows is not for the program: one word (a redirection's file) or all of this command.
  void leave_out(std::string_view what, bool until_separator) {
    result_.left_out.emplace_back(what);
    skip_words_ = true;
    until_separator_ = until_separator;
  }

  Result<void> step() {
    const char c = text_[at_];
    if (kBlanks.find(c) != std::string_view::npos) {
      end_word();
      ++at_;
      return {};
    }
    if (c == '#' && !word_) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return {};
    }
    if (kOperators.find(c) != std::string_view::npos) {
      return take_operator();
    }
    if (rest().starts_with("\\\n") || rest().starts_with("\\\r\n")) {
      at_ += peek(1) == '\r' ? std::size_t{3} : std::size_t{2};
      return {};
    }
    begin_word();
    return take_piece();
  }

  Result<void> take_operator() {
    const char c = text_[at_];
    if (c == '(' || c == ')') {
      return malformed(fmt::format("'{}' outside of quotes; put what holds it between single "
                                   "quotes",
                                   c),
                       at_);
    }
    if (c == '<' || c == '>') {
      // "2>": the number belongs to the redirection.
      if (word_ && word_->text.size() == 1 && word_->text[0] >= '0' && word_->text[0] <= '9') {
        word_.reset();
      }
      end_word();
      std::string sign(1, c);
      for (++at_; peek() == c || peek() == '&'; ++at_) {
        sign += peek();
      }
      leave_out(sign, until_separator_);
      return {};
    }
    end_word();
    const bool pipe = c == '|' && peek(1) != '|';
    at_ += (c == '|' || c == '&') && peek(1) == c ? std::size_t{2} : std::size_t{1};
    if (pipe) {
      leave_out("|", true);
    } else {
      end_command();
    }
    return {};
  }

  Result<void> take_piece() {
    switch (text_[at_]) {
      case '\'':
        return take_single_quoted();
      case '"':
        return take_double_quoted();
      case '\\':
        word_->text += peek(1);
        at_ = std::min(at_ + 2, text_.size());
        return {};
      case '`':
        return malformed("`…` would have to be run; put its result in its place", at_);
      case '$':
        return take_dollar();
      default:
        word_->text += text_[at_++];
        return {};
    }
  }

  Result<void> take_single_quoted() {
    const std::size_t close = text_.find('\'', at_ + 1);
    if (close == std::string_view::npos) {
      return malformed("the quote ' that opens here is not closed", at_);
    }
    word_->text += text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    return {};
  }

  Result<void> take_double_quoted() {
    const std::size_t open = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return {};
      }
      if (c == '$') {
        if (auto ok = take_dollar_in_quotes(); !ok) {
          return ok;
        }
      } else if (c == '`') {
        return malformed("`…` would have to be run; put its result in its place", at_);
      } else if (c == '\\' &&
                 std::string_view("\"\\$`\n").find(peek(1)) != std::string_view::npos) {
        if (peek(1) != '\n') {
          word_->text += peek(1);
        }
        at_ = std::min(at_ + 2, text_.size());
      } else {
        word_->text += c;
        ++at_;
      }
    }
    return malformed("the quote \" that opens here is not closed", open);
  }

  Result<void> take_dollar() {
    if (peek(1) == '\'') {
      return take_ansi_quoted();
    }
    if (peek(1) == '"') {
      ++at_;  // a translated string is, untranslated, a double-quoted one
      return take_double_quoted();
    }
    return take_dollar_in_quotes();
  }

  // $NAME, ${NAME}; another '$' is itself.
  Result<void> take_dollar_in_quotes() {
    if (peek(1) == '(') {
      return malformed("$(…) would have to be run; put its result in its place", at_);
    }
    const bool braced = peek(1) == '{';
    const std::size_t begin = at_ + (braced ? 2 : 1);
    std::size_t end = begin;
    while (end < text_.size() && is_variable_name(text_.substr(begin, end - begin + 1))) {
      ++end;
    }
    if (end == begin && !braced) {
      word_->text += '$';
      ++at_;
      return {};
    }
    if (braced && (end == begin || end >= text_.size() || text_[end] != '}')) {
      return malformed("only $NAME and ${NAME} are understood of what a shell puts in", at_);
    }
    word_->text += kVariableMark;
    word_->text += text_.substr(begin, end - begin);
    word_->text += kVariableMark;
    at_ = end + (braced ? 1 : 0);
    return {};
  }

  // $'…' with the escapes of C.
  Result<void> take_ansi_quoted() {
    const std::size_t open = at_;
    at_ += 2;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'') {
        ++at_;
        return {};
      }
      if (c != '\\') {
        word_->text += c;
        ++at_;
      } else if (auto ok = take_escape(); !ok) {
        return ok;
      }
    }
    return malformed("the quote $' that opens here is not closed", open);
  }

  Result<void> take_escape() {
    constexpr std::string_view kNames = "abeEfnrtv\\'\"?";
    constexpr std::string_view kMeanings = "\a\b\x1b\x1b\f\n\r\t\v\\'\"?";
    const std::size_t begin = at_;
    const char c = peek(1);
    at_ = std::min(at_ + 2, text_.size());
    if (const std::size_t named = kNames.find(c); named != std::string_view::npos) {
      word_->text += kMeanings[named];
      return {};
    }
    std::uint32_t value = 0;
    bool code_point = false;
    if (c >= '0' && c <= '7') {
      --at_;
      value = take_number(3, 8) & 0xff;
    } else if (c == 'x') {
      value = take_number(2, 16);
    } else if (c == 'u' || c == 'U') {
      value = take_number(c == 'u' ? 4 : 8, 16);
      code_point = true;
    } else if (c == 'c') {
      value = static_cast<unsigned char>(peek()) & 0x1f;
      at_ = std::min(at_ + 1, text_.size());
    } else {
      word_->text += '\\';
      word_->text += c;
      return {};
    }
    if (value == 0) {
      return malformed("a word of a command line cannot hold a NUL byte", begin);
    }
    if (code_point) {
      append_utf8(value, word_->text);
    } else {
      word_->text += static_cast<char>(value);
    }
    return {};
  }

  std::uint32_t take_number(std::size_t max_digits, std::uint32_t base) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < max_digits && at_ < text_.size(); ++i, ++at_) {
      const int digit = hex_digit(text_[at_]);
      if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) {
        break;
      }
      value = value * base + static_cast<std::uint32_t>(digit);
    }
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<ShellWord> word_;
  ShellCommand command_;
  ShellText result_;
  bool skip_words_ = false;
  bool until_separator_ = false;
  std::size_t counted_ = 0;
  std::size_t line_start_ = 0;
  unsigned line_ = 1;
};

}  // namespace

Result<ShellText> split_shell(std::string_view text) {
  if (text.size() > kMaxShellBytes) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("a command line has at most {}",
                                                         format_bytes(ByteCount{kMaxShellBytes})));
  }
  // A NUL would be taken for the mark of a variable.
  if (text.find(kVariableMark) != std::string_view::npos) {
    return fail(ErrorCode::kMalformed, "a command line cannot hold a NUL byte");
  }
  return Splitter(text).run();
}

}  // namespace squall::import
