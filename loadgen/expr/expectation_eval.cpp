#include "loadgen/expr/expectation_eval.hpp"

#include <array>
#include <charconv>
#include <utility>
#include <variant>

#include <fmt/core.h>
#include <simdjson.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/compare.hpp"

namespace squall::expr {
namespace {

namespace ondemand = simdjson::ondemand;

enum class Kind { kString, kNumber, kBoolean, kNull, kContainer };

// A value inside the body. Views into the checker's buffers, valid until the next value is looked
// up.
struct Found {
  Kind kind = Kind::kNull;
  std::string_view text;  // string: unescaped; else: as written
};

// Too large or too small for a double: infinity or zero with its sign, as strtod does.
double to_double(std::string_view digits) {
  double number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec == std::errc::result_out_of_range) {
    return std::strtod(std::string(digits).c_str(), nullptr);
  }
  return number;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// RFC 8259: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto take_digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) {
      ++at;
    }
    return at - begin;
  };
  const bool leading_zero = at < text.size() && text[at] == '0';
  const std::size_t whole = take_digits();
  if (whole == 0 || (leading_zero && whole > 1)) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (take_digits() == 0) {
      return false;
    }
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '+' || text[at] == '-') ? 1U : 0U;
    if (take_digits() == 0) {
      return false;
    }
  }
  return at == text.size();
}

// Copies `body` with every number replaced by 0s of the same length ("0" and blanks), so that a
// parser with 64-bit numbers can judge everything else. False when one of the numbers is not one.
bool blank_numbers(std::string_view body, std::string& out) {
  out.assign(body);
  std::size_t at = 0;
  while (at < body.size()) {
    const char c = body[at];
    if (c == '"') {
      for (++at; at < body.size() && body[at] != '"'; ++at) {
        at += body[at] == '\\' ? 1U : 0U;
      }
      ++at;
    } else if (c == '-' || is_digit(c)) {
      const std::size_t end = std::min(body.find_first_of(" \t\r\n,]}:", at), body.size());
      if (!is_json_number(body.substr(at, end - at))) {
        return false;
      }
      out.replace(at, end - at, end - at, ' ');
      out[at] = '0';
      at = end;
    } else {
      ++at;
    }
  }
  return true;
}

// One part of a JSON pointer with ~1 and ~0 replaced. Without either, a view of the part itself.
std::string_view unescape_part(std::string_view part, std::string& buffer) {
  if (part.find('~') == std::string_view::npos) {
    return part;
  }
  buffer.clear();
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '~' && i + 1 < part.size()) {
      ++i;
      buffer += part[i] == '1' ? '/' : '~';
    } else {
      buffer += part[i];
    }
  }
  return buffer;
}

// The position that a part names in an array: digits without a leading zero.
std::optional<std::size_t> array_position(std::string_view part) {
  std::size_t position = 0;
  const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), position);
  const bool whole = !part.empty() && code == std::errc() && end == part.data() + part.size() &&
                     is_digit(part.front());
  return whole && (part.size() == 1 || part.front() != '0') ? std::optional(position)
                                                            : std::nullopt;
}

simdjson::simdjson_result<ondemand::value> member(ondemand::value parent, std::string_view part,
                                                  std::string& buffer) {
  ondemand::json_type type{};
  if (const auto error = parent.type().get(type)) {
    return error;
  }
  if (type == ondemand::json_type::array) {
    ondemand::array items;
    const auto position = array_position(part);
    if (!position || parent.get_array().get(items) != simdjson::SUCCESS) {
      return simdjson::NO_SUCH_FIELD;
    }
    return items.at(*position);
  }
  ondemand::object members;
  if (type != ondemand::json_type::object ||
      parent.get_object().get(members) != simdjson::SUCCESS) {
    return simdjson::NO_SUCH_FIELD;
  }
  const std::string_view name = unescape_part(part, buffer);
  // Not find_field: that compares keys as written, escapes and all.
  for (auto field : members) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) {
      return error;
    }
    if (key == name) {
      return field.value();
    }
  }
  return simdjson::NO_SUCH_FIELD;
}

}  // namespace

struct AnswerChecker::Impl {
  enum class Json { kNotParsed, kValid, kInvalid };

  int status = 0;
  std::string_view body;
  Json json = Json::kNotParsed;
  std::string padded;   // the body and the padding that simdjson reads over
  std::string scratch;  // for a part of a pointer
  simdjson::dom::parser validator;
  ondemand::parser parser;
  ondemand::document document;

  // The lazy parser checks only what it walks over, and half a document is not an answer: the
  // strict one reads it all first.
  bool is_valid() {
    padded.assign(body);
    padded.append(simdjson::SIMDJSON_PADDING, ' ');
    simdjson::dom::element root;
    auto error = validator.parse(padded.data(), body.size(), false).get(root);
    if (error == simdjson::NUMBER_ERROR) {
      // Numbers beyond 64 bits are JSON all the same.
      std::string blanked;
      if (!blank_numbers(body, blanked)) {
        return false;
      }
      error = validator.parse(blanked).get(root);
    }
    return error == simdjson::SUCCESS &&
           parser.iterate(simdjson::padded_string_view(padded.data(), body.size(), padded.size()))
                   .get(document) == simdjson::SUCCESS;
  }

  bool ready() {
    if (json == Json::kNotParsed) {
      json = is_valid() ? Json::kValid : Json::kInvalid;
    }
    return json == Json::kValid;
  }

  std::optional<Found> find(std::string_view pointer) {
    if (!ready()) {
      return std::nullopt;
    }
    document.rewind();
    bool scalar = false;
    if (document.is_scalar().get(scalar) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    if (scalar) {
      return pointer.empty() ? root_scalar() : std::nullopt;
    }
    ondemand::value value;
    if (document.get_value().get(value) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    while (!pointer.empty()) {
      pointer.remove_prefix(1);
      const std::string_view part = pointer.substr(0, pointer.find('/'));
      pointer.remove_prefix(part.size());
      if (member(value, part, scratch).get(value) != simdjson::SUCCESS) {
        return std::nullopt;
      }
    }
    return read(value);
  }

  // simdjson has no value for a document that is one scalar.
  std::optional<Found> root_scalar() {
    ondemand::json_type type{};
    std::string_view text;
    if (document.type().get(type) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    if (type == ondemand::json_type::string) {
      return document.get_string().get(text) == simdjson::SUCCESS
                 ? std::optional(Found{Kind::kString, text})
                 : std::nullopt;
    }
    return Found{kind_of(type), trim(body)};
  }

  static Kind kind_of(ondemand::json_type type) {
    switch (type) {
      case ondemand::json_type::array:
      case ondemand::json_type::object:
        return Kind::kContainer;
      case ondemand::json_type::number:
        return Kind::kNumber;
      case ondemand::json_type::string:
        return Kind::kString;
      case ondemand::json_type::boolean:
        return Kind::kBoolean;
      case ondemand::json_type::null:
        return Kind::kNull;
    }
    SQUALL_CHECK(false);
  }

  static std::optional<Found> read(ondemand::value value) {
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    Found found{kind_of(type), {}};
    simdjson::error_code error = simdjson::SUCCESS;
    if (found.kind == Kind::kString) {
      error = value.get_string().get(found.text);
    } else if (found.kind == Kind::kContainer) {
      error = simdjson::to_json_string(value).get(found.text);
    } else {
      found.text = trim(value.raw_json_token());
    }
    return error == simdjson::SUCCESS ? std::optional(found) : std::nullopt;
  }

  bool meets(const Expectation::StatusRange& range) {
    return status >= range.low && status <= range.high;
  }

  bool meets(const Expectation::StatusCompare& wanted) {
    return compare(wanted.comparison, status, wanted.status);
  }

  bool meets(const Expectation::JsonCompare& wanted) {
    const auto found = find(wanted.pointer);
    if (!found) {
      return false;
    }
    if (const auto* text = std::get_if<std::string>(&wanted.expected);
        text && found->kind == Kind::kString) {
      return compare<std::string_view>(wanted.comparison, found->text, *text);
    }
    if (const auto* number = std::get_if<double>(&wanted.expected);
        number && found->kind == Kind::kNumber) {
      return compare(wanted.comparison, to_double(found->text), *number);
    }
    if (const auto* boolean = std::get_if<bool>(&wanted.expected);
        boolean && found->kind == Kind::kBoolean) {
      return compare(wanted.comparison, found->text == "true", *boolean);
    }
    return wanted.comparison == Comparison::kNotEqual;
  }

  bool meets(const Expectation::JsonExists& wanted) { return find(wanted.pointer).has_value(); }

  bool meets(const Expectation::BodyContains& wanted) {
    return body.find(wanted.text) != std::string_view::npos;
  }

  std::string describe_json(std::string_view pointer) {
    constexpr std::size_t kShown = 80;
    if (body.empty()) {
      return "the body is empty";
    }
    if (!ready()) {
      return fmt::format("the body is not JSON: {}", printable(body, kShown));
    }
    const auto found = find(pointer);
    if (!found) {
      return fmt::format("there is no {}", printable(pointer, kShown));
    }
    const std::string_view quote = found->kind == Kind::kString ? "\"" : "";
    return fmt::format("{} is {}{}{}", printable(pointer, kShown), quote,
                       printable(found->text, kShown), quote);
  }
};

AnswerChecker::AnswerChecker() : impl_(std::make_unique<Impl>()) {}
AnswerChecker::~AnswerChecker() = default;
AnswerChecker::AnswerChecker(AnswerChecker&&) noexcept = default;
AnswerChecker& AnswerChecker::operator=(AnswerChecker&&) noexcept = default;

void AnswerChecker::begin(int status, std::string_view body) {
  impl_->status = status;
  impl_->body = body;
  impl_->json = Impl::Json::kNotParsed;
}

std::optional<std::size_t> AnswerChecker::first_unmet(std::span<const Expectation> expectations) {
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    if (!meets(expectations[i])) {
      return i;
    }
  }
  return std::nullopt;
}

bool AnswerChecker::meets(const Expectation& expectation) {
  return std::visit([&](const auto& condition) { return impl_->meets(condition); },
                    expectation.condition);
}

bool AnswerChecker::extract(const Extraction& extraction, std::string& out) {
  out.clear();
  const auto found = impl_->find(extraction.pointer);
  if (!found || found->kind == Kind::kNull) {
    return false;
  }
  out.assign(found->text);
  return true;
}

std::string AnswerChecker::describe(const Expectation& expectation) {
  struct Describer {
    Impl& impl;
    std::string operator()(const Expectation::StatusRange& /*range*/) const { return status(); }
    std::string operator()(const Expectation::StatusCompare& /*compare*/) const { return status(); }
    std::string operator()(const Expectation::JsonCompare& json) const {
      return impl.describe_json(json.pointer);
    }
    std::string operator()(const Expectation::JsonExists& json) const {
      return impl.describe_json(json.pointer);
    }
    std::string operator()(const Expectation::BodyContains& /*contains*/) const {
      return impl.body.empty() ? "the body is empty"
                               : fmt::format("the body is {}", printable(impl.body, 80));
    }
    [[nodiscard]] std::string status() const { return fmt::format("status is {}", impl.status); }
  };
  return std::visit(Describer{*impl_}, expectation.condition);
}

}  // namespace squall::expr
