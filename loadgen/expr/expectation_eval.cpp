#include "loadgen/expr/expectation_eval.hpp"

#include <charconv>
#include <cstdlib>
#include <variant>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/compare.hpp"
#include "loadgen/expr/header_lines.hpp"

namespace squall::expr {
namespace {

constexpr std::size_t kShown = 80;

using Kind = JsonValue::Kind;

// Too large or too small for a double: infinity or zero with its sign, as strtod does.
double to_double(std::string_view digits) {
  double number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec == std::errc::result_out_of_range) {
    return std::strtod(std::string(digits).c_str(), nullptr);
  }
  return number;
}

// The value of the last Set-Cookie field that sets a cookie of that name (RFC 6265 §5.2).
std::optional<std::string_view> find_cookie(std::string_view head, std::string_view name) {
  std::optional<std::string_view> value;
  any_field(head, "Set-Cookie", [&](std::string_view field) {
    const std::string_view pair = field.substr(0, field.find(';'));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && trim(pair.substr(0, equals)) == name) {
      value = trim(pair.substr(equals + 1));
    }
    return false;
  });
  return value;
}

}  // namespace

struct AnswerChecker::Meets {
  AnswerChecker& checker;
  const ExpectedText* filled;  // into checker.filled_; null: the condition's own text
  const Answer& answer = checker.answer_;

  [[nodiscard]] const std::string& text_of(const std::string& own) const {
    return filled != nullptr ? checker.filled_ : own;
  }
  // What was filled in is to be a number; one that is none is unlike every number.
  [[nodiscard]] bool compare_filled(Comparison comparison, double found) const {
    double number = 0;
    const char* const end = checker.filled_.data() + checker.filled_.size();
    const auto result = std::from_chars(checker.filled_.data(), end, number);
    return result.ec == std::errc() && result.ptr == end ? compare(comparison, found, number)
                                                         : comparison == Comparison::kNotEqual;
  }

  bool operator()(const Expectation::StatusRange& range) const {
    return answer.status >= range.low && answer.status <= range.high;
  }
  bool operator()(const Expectation::StatusCompare& wanted) const {
    return compare(wanted.comparison, answer.status, wanted.status);
  }
  bool operator()(const Expectation::JsonCompare& wanted) const {
    const auto found = checker.json_.find(wanted.pointer);
    if (!found) {
      return false;
    }
    if (filled != nullptr && filled->number) {
      return found->kind == Kind::kNumber
                 ? compare_filled(wanted.comparison, to_double(found->text))
                 : wanted.comparison == Comparison::kNotEqual;
    }
    if (const auto* text = std::get_if<std::string>(&wanted.expected);
        text && found->kind == Kind::kString) {
      return compare<std::string_view>(wanted.comparison, found->text, text_of(*text));
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
  bool operator()(const Expectation::JsonExists& wanted) const {
    return checker.json_.find(wanted.pointer).has_value();
  }
  bool operator()(const Expectation::JsonMatches& wanted) const {
    const auto found = checker.json_.find(wanted.pointer);
    return found && wanted.pattern.matches(found->text);
  }
  bool operator()(const Expectation::HeaderCompare& wanted) const {
    bool there = false;
    const bool equal = any_field(answer.head, wanted.name, [&](std::string_view value) {
      there = true;
      return value == text_of(wanted.text);
    });
    return wanted.comparison == Comparison::kEqual ? equal : there && !equal;
  }
  bool operator()(const Expectation::HeaderExists& wanted) const {
    return any_field(answer.head, wanted.name, [](std::string_view) { return true; });
  }
  bool operator()(const Expectation::HeaderContains& wanted) const {
    return any_field(answer.head, wanted.name, [&](std::string_view value) {
      return value.find(text_of(wanted.text)) != std::string_view::npos;
    });
  }
  bool operator()(const Expectation::HeaderMatches& wanted) const {
    return any_field(answer.head, wanted.name,
                     [&](std::string_view value) { return wanted.pattern.matches(value); });
  }
  bool operator()(const Expectation::BodyContains& wanted) const {
    return answer.body.find(text_of(wanted.text)) != std::string_view::npos;
  }
  bool operator()(const Expectation::BodyMatches& wanted) const {
    return wanted.pattern.matches(answer.body);
  }
  bool operator()(const Expectation::SizeCompare& wanted) const {
    return compare(wanted.comparison, answer.body_bytes, wanted.size.bytes);
  }
  bool operator()(const Expectation::TimeCompare& wanted) const {
    return compare(wanted.comparison, answer.service, wanted.time);
  }
};

void AnswerChecker::begin(const Answer& answer, const RenderContext& operation) {
  answer_ = answer;
  operation_ = operation;
  json_.begin(answer.body);
}

std::optional<std::size_t> AnswerChecker::first_unmet(std::span<const Expectation> expectations,
                                                      ExpectedTexts texts) {
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    const bool filled = i < texts.size() && texts[i];
    if (!meets(expectations[i], filled ? &*texts[i] : nullptr)) {
      return i;
    }
  }
  return std::nullopt;
}

bool AnswerChecker::meets(const Expectation& expectation, const ExpectedText* text) {
  if (text != nullptr) {
    filled_.clear();
    text->text.render(operation_, filled_);
  }
  return std::visit(Meets{*this, text}, expectation.condition) != expectation.negated;
}

std::optional<std::string_view> AnswerChecker::value_of(const Extraction& extraction) {
  std::optional<std::string_view> value;
  switch (extraction.from) {
    case Extraction::From::kJson: {
      const auto found = json_.find(extraction.pointer);
      if (found && found->kind != Kind::kNull) {
        value = found->text;
      }
      return value;
    }
    case Extraction::From::kHeader:
      any_field(answer_.head, extraction.field, [&](std::string_view field) {
        value = field;
        return true;
      });
      return value;
    case Extraction::From::kCookie:
      return find_cookie(answer_.head, extraction.field);
    case Extraction::From::kBodyRegex: {
      const std::string_view captured = extraction.pattern->capture(answer_.body);
      return captured.data() != nullptr ? std::optional(captured) : std::nullopt;
    }
    case Extraction::From::kHeaderRegex:
      any_field(answer_.head, extraction.field, [&](std::string_view field) {
        const std::string_view captured = extraction.pattern->capture(field);
        value = captured.data() != nullptr ? std::optional(captured) : std::nullopt;
        return value.has_value();
      });
      return value;
  }
  return value;
}

bool AnswerChecker::extract(const Extraction& extraction, std::string& out) {
  out.clear();
  std::optional<std::string_view> value = value_of(extraction);
  if (!value && extraction.otherwise) {
    value = *extraction.otherwise;
  }
  if (!value || value->size() > kMaxExtractedBytes) {
    return false;
  }
  out.assign(*value);
  return true;
}

struct AnswerChecker::Describes {
  AnswerChecker& checker;
  const Answer& answer = checker.answer_;

  [[nodiscard]] std::string status() const { return fmt::format("status is {}", answer.status); }
  [[nodiscard]] std::string body() const {
    return answer.body.empty() ? "the body is empty"
                               : fmt::format("the body is {}", printable(answer.body, kShown));
  }
  [[nodiscard]] std::string json(std::string_view pointer) const {
    if (answer.body.empty()) {
      return "the body is empty";
    }
    if (!checker.json_.valid()) {
      return fmt::format("the body is not JSON: {}", printable(answer.body, kShown));
    }
    const auto found = checker.json_.find(pointer);
    if (!found) {
      return fmt::format("there is no {}", printable(pointer, kShown));
    }
    const std::string_view quote = found->kind == Kind::kString ? "\"" : "";
    return fmt::format("{} is {}{}{}", printable(pointer, kShown), quote,
                       printable(found->text, kShown), quote);
  }
  [[nodiscard]] std::string header(std::string_view name) const {
    std::string text = fmt::format("there is no {}", printable(name, kShown));
    any_field(answer.head, name, [&](std::string_view value) {
      text = fmt::format("{} is \"{}\"", printable(name, kShown), printable(value, kShown));
      return true;
    });
    return text;
  }

  std::string operator()(const Expectation::StatusRange& /*range*/) const { return status(); }
  std::string operator()(const Expectation::StatusCompare& /*wanted*/) const { return status(); }
  std::string operator()(const Expectation::JsonCompare& wanted) const {
    return json(wanted.pointer);
  }
  std::string operator()(const Expectation::JsonExists& wanted) const {
    return json(wanted.pointer);
  }
  std::string operator()(const Expectation::JsonMatches& wanted) const {
    return json(wanted.pointer);
  }
  std::string operator()(const Expectation::HeaderCompare& wanted) const {
    return header(wanted.name);
  }
  std::string operator()(const Expectation::HeaderExists& wanted) const {
    return header(wanted.name);
  }
  std::string operator()(const Expectation::HeaderContains& wanted) const {
    return header(wanted.name);
  }
  std::string operator()(const Expectation::HeaderMatches& wanted) const {
    return header(wanted.name);
  }
  std::string operator()(const Expectation::BodyContains& /*wanted*/) const { return body(); }
  std::string operator()(const Expectation::BodyMatches& /*wanted*/) const { return body(); }
  std::string operator()(const Expectation::SizeCompare& /*wanted*/) const {
    return fmt::format("the body has {} bytes", answer.body_bytes);
  }
  std::string operator()(const Expectation::TimeCompare& /*wanted*/) const {
    return fmt::format("it took {}", format_duration(answer.service));
  }
};

std::string AnswerChecker::describe(const Expectation& expectation) {
  return std::visit(Describes{*this}, expectation.condition);
}

std::string AnswerChecker::wanted(const Expectation& expectation, const ExpectedText* text) {
  if (text == nullptr) {
    return expectation.source;
  }
  filled_.clear();
  text->text.render(operation_, filled_);
  const std::string_view quote = text->number ? "" : "\"";
  return fmt::format("{} (here {}{}{})", expectation.source, quote, printable(filled_, kShown),
                     quote);
}

}  // namespace squall::expr
