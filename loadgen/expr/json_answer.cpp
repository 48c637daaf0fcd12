#include "loadgen/expr/json_answer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <simdjson.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"

namespace squall::expr {
namespace {

using Found = JsonValue;
using Kind = JsonValue::Kind;
namespace ondemand = simdjson::ondemand;

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

struct JsonAnswer::Impl {
  enum class Json { kNotParsed, kValid, kInvalid };

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
};

JsonAnswer::JsonAnswer() : impl_(std::make_unique<Impl>()) {}
JsonAnswer::~JsonAnswer() = default;
JsonAnswer::JsonAnswer(JsonAnswer&&) noexcept = default;
JsonAnswer& JsonAnswer::operator=(JsonAnswer&&) noexcept = default;

void JsonAnswer::begin(std::string_view body) {
  impl_->body = body;
  impl_->json = Impl::Json::kNotParsed;
}

bool JsonAnswer::valid() {
  return impl_->ready();
}

std::optional<JsonValue> JsonAnswer::find(std::string_view pointer) {
  return impl_->find(pointer);
}

}  // namespace squall::expr
