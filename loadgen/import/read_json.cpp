// JSON text to a tree. The library's events carry no positions, so its input is counted while it is
// read: when an event comes, all bytes up to the end of its token have been taken.
#include <algorithm>
#include <istream>
#include <limits>
#include <optional>
#include <streambuf>
#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/import/document.hpp"
#include "loadgen/import/tree_builder.hpp"

namespace squall::import {
namespace {

using Json = nlohmann::json;

// A text as a stream that knows how much of it was taken. Borrows the text.
class CountingBuffer : public std::streambuf {
 public:
  explicit CountingBuffer(std::string_view text) {
    // Streams can also write; this one is only read from.
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }

  [[nodiscard]] std::size_t taken() const { return static_cast<std::size_t>(gptr() - eback()); }
};

bool is_in_number(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// What the library says, without its own name for the error and the position.
std::string reason(std::string_view message) {
  constexpr std::string_view kMark = "syntax error while parsing ";
  if (const std::size_t at = message.find(kMark); at != std::string_view::npos) {
    message.remove_prefix(at + kMark.size());
    if (const std::size_t dash = message.find(" - "); dash != std::string_view::npos) {
      message.remove_prefix(dash + 3);
    }
  } else if (const std::size_t close = message.find("] "); close != std::string_view::npos) {
    message.remove_prefix(close + 2);
  }
  return printable(message, 160);
}

class Handler : public Json::json_sax_t {
 public:
  Handler(std::string_view text, const std::string& file, const DocumentLimits& limits)
      : text_(text), file_(file), tree_(limits), buffer_(text) {}

  [[nodiscard]] std::streambuf* buffer() { return &buffer_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  [[nodiscard]] Node take() { return tree_.take(); }

  bool null() override { return value({std::monostate{}, word_place(4)}); }
  bool boolean(bool value_of) override { return value({value_of, word_place(value_of ? 4 : 5)}); }
  bool number_integer(number_integer_t number) override {
    return value({static_cast<std::int64_t>(number), number_place()});
  }
  bool number_unsigned(number_unsigned_t number) override {
    constexpr auto kMost = static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
    return number <= kMost ? value({static_cast<std::int64_t>(number), number_place()})
                           : value({static_cast<double>(number), number_place()});
  }
  bool number_float(number_float_t number, const string_t& /*text*/) override {
    return value({number, number_place()});
  }
  bool string(string_t& text) override { return value({std::move(text), string_place()}); }
  bool binary(binary_t& /*bytes*/) override { return false; }  // JSON text has none
  bool start_object(std::size_t /*unknown*/) override {
    return keep(tree_.open({Node::Object{}, place(taken() - 1, taken())}));
  }
  bool start_array(std::size_t /*unknown*/) override {
    return keep(tree_.open({Node::List{}, place(taken() - 1, taken())}));
  }
  bool end_object() override { return keep(tree_.close()); }
  bool end_array() override { return keep(tree_.close()); }
  bool key(string_t& name) override {
    tree_.key(std::move(name));
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& problem) override {
    refuse(fmt::format("this is no JSON: {}", reason(problem.what())),
           std::min(position == 0 ? 0 : position - 1, text_.size()));
    return false;
  }

 private:
  bool value(Node node) { return keep(tree_.scalar(std::move(node))); }
  bool keep(const std::optional<std::string>& problem) {
    if (problem) {
      refuse(*problem, taken() == 0 ? 0 : taken() - 1);
    }
    return !problem;
  }
  void refuse(std::string message, std::size_t offset) {
    const Place at = place(offset, offset);
    error_ = Error{ErrorCode::kMalformed, std::move(message), SourceRef{file_, at.line, at.column}};
  }

  // Events come in the order of the text, so lines are counted once.
  [[nodiscard]] Place place(std::size_t begin, std::size_t end) {
    if (begin < counted_) {
      counted_ = line_start_ = 0;
      line_ = 1;
    }
    for (; counted_ < begin; ++counted_) {
      if (text_[counted_] == '\n') {
        ++line_;
        line_start_ = counted_ + 1;
      }
    }
    return {line_, static_cast<unsigned>(begin - line_start_ + 1), begin, end};
  }
  [[nodiscard]] Place word_place(std::size_t length) { return place(taken() - length, taken()); }
  // The reader had to look at the byte behind the number.
  [[nodiscard]] Place number_place() {
    const std::size_t end =
        taken() > 0 && !is_in_number(text_[taken() - 1]) ? taken() - 1 : taken();
    std::size_t begin = end;
    while (begin > 0 && is_in_number(text_[begin - 1])) {
      --begin;
    }
    return place(begin, end);
  }
  // Every quote inside a string has an odd number of backslashes before it.
  [[nodiscard]] Place string_place() {
    std::size_t begin = taken() - 1;
    while (begin > 0) {
      --begin;
      if (text_[begin] == '"' && slashes_before(begin) % 2 == 0) {
        break;
      }
    }
    return place(begin, taken());
  }

  [[nodiscard]] std::size_t slashes_before(std::size_t offset) const {
    std::size_t count = 0;
    while (count < offset && text_[offset - 1 - count] == '\\') {
      ++count;
    }
    return count;
  }

  [[nodiscard]] std::size_t taken() const { return buffer_.taken(); }

  std::string_view text_;
  const std::string& file_;
  TreeBuilder tree_;
  CountingBuffer buffer_;
  std::optional<Error> error_;
  std::size_t counted_ = 0;
  std::size_t line_start_ = 0;
  unsigned line_ = 1;
};

}  // namespace

Result<Node> read_json(std::string_view text, const std::string& file,
                       const DocumentLimits& limits) {
  if (text.size() > limits.bytes) {
    return fail(Error{ErrorCode::kMalformed,
                      fmt::format("the file has more than {}", format_bytes({limits.bytes})),
                      SourceRef{file, 1, 1}});
  }
  Handler handler(text, file, limits);
  std::istream stream(handler.buffer());
  const bool whole = Json::sax_parse(stream, &handler);
  if (handler.error()) {
    return fail(*handler.error());
  }
  if (!whole) {
    return fail(ErrorCode::kInternal, "the JSON reader stopped without a reason");
  }
  return handler.take();
}

}  // namespace squall::import
