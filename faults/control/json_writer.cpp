#include "faults/control/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "loadgen/base/check.hpp"
#include "loadgen/base/utf8.hpp"
#include "loadgen/expr/json_text.hpp"

namespace squall::faults {
namespace {

void append_character(std::string_view character, std::string& out) {
  if (character == "<") {
    out += "\\u003c";
  } else if (character == ">") {
    out += "\\u003e";
  } else if (character == "&") {
    out += "\\u0026";
  } else if (character == "\u2028") {
    out += "\\u2028";
  } else if (character == "\u2029") {
    out += "\\u2029";
  } else {
    expr::append_json_text(character, out);
  }
}

template <class Real>
void append_number(Real number, std::string& out) {
  SQUALL_CHECK(std::isfinite(number));
  constexpr Real kLeastFixed = Real(1e-6);
  constexpr Real kMostFixed = Real(1e21);
  const Real size = std::abs(number);
  const bool fixed = size == 0 || (size >= kLeastFixed && size < kMostFixed);
  std::array<char, 64> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number,
                    fixed ? std::chars_format::fixed : std::chars_format::scientific);
  SQUALL_CHECK(error == std::errc{});
  std::string_view written(text.data(), static_cast<std::size_t>(end - text.data()));
  const std::size_t exponent = written.find("e-0");
  if (exponent == std::string_view::npos) {
    out += written;
  } else {
    out.append(written.substr(0, exponent)).append("e-").append(written.substr(exponent + 3));
  }
}

struct Appender {
  std::string& out;

  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(double value) const { append_json_number(value, out); }
  void operator()(const std::string& value) const { append_json_string(value, out); }
  void operator()(const expr::Array& value) const { append_json_list(value, out, append_json); }
  void operator()(const expr::Table& value) const {
    JsonObject object(out);
    for (const expr::Entry& entry : value) {
      append_json(entry.value, object.member(entry.key));
    }
    object.end();
  }
};

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
    } else {
      append_character(text.substr(0, length), out);
      text.remove_prefix(length);
    }
  }
  out += '"';
}

void append_json_number(float number, std::string& out) {
  append_number(number, out);
}

void append_json_number(double number, std::string& out) {
  append_number(number, out);
}

void append_json(const expr::Value& value, std::string& out) {
  std::visit(Appender{out}, value.data);
}

std::string& JsonObject::member(std::string_view name) {
  if (!first_) {
    out_ += ',';
  }
  first_ = false;
  append_json_string(name, out_);
  return out_ += ':';
}

}  // namespace squall::faults
