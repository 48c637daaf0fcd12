#include "loadgen/expr/template_parser.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/hash.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/json_text.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/template_filter.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

struct NamedFormat {
  std::string_view name;
  TimeFormat format;
  TextType gives;
};
constexpr std::array kFormats{
    NamedFormat{"unix", TimeFormat::kUnixSeconds, TextType::kNumber},
    NamedFormat{"unix_ms", TimeFormat::kUnixMilliseconds, TextType::kNumber},
    NamedFormat{"iso", TimeFormat::kIso8601, TextType::kText},
    NamedFormat{"http", TimeFormat::kHttpDate, TextType::kText},
    NamedFormat{"strftime", TimeFormat::kCustom, TextType::kText}};

const NamedFormat* find_format(std::string_view name) {
  const auto found = std::find_if(kFormats.begin(), kFormats.end(),
                                  [&](const NamedFormat& one) { return one.name == name; });
  return found == kFormats.end() ? nullptr : &*found;
}

std::string in_braces(std::string_view name) {
  return fmt::format("{{{{{}}}}}", printable(name, 60));
}

}  // namespace

tl::unexpected<Error> TemplateParser::wrong(std::string_view part, std::string message) const {
  const auto offset = static_cast<std::size_t>(part.data() - text_.data());
  return fail({ErrorCode::kInvalidArgument, std::move(message),
               SourceRef{{}, 0, static_cast<unsigned>(offset + 1)}});
}

tl::unexpected<Error> TemplateParser::unknown_filter(const WrittenCall& filter,
                                                     const WrittenCall& source) const {
  const bool is_format = find_format(filter.name) != nullptr;
  if (is_format) {
    return wrong(filter.name, fmt::format("{} is a format of {{{{now}}}} and stands right behind "
                                          "it, not behind {}",
                                          filter.name, in_braces(source.name)));
  }
  std::vector<std::string_view> known;
  if (source.name == "now") {
    for (const NamedFormat& one : kFormats) {
      known.push_back(one.name);
    }
  }
  for (const TemplateFilter& one : template_filters()) {
    known.push_back(one.name);
  }
  std::string message = fmt::format("there is no filter \"{}\"", printable(filter.name, 60));
  if (const auto nearest = nearest_name(filter.name, known)) {
    message += fmt::format("; did you mean \"{}\"?", *nearest);
  } else {
    message += fmt::format("; write {}", join_or(known));
  }
  return wrong(filter.name, std::move(message));
}

Result<void> TemplateParser::add_text(std::string_view text, Encoding encoding) {
  text_ = text;
  std::size_t at = 0;
  while (true) {
    const auto braces = find_braces(text, at);
    if (!braces) {
      return fail(braces.error());
    }
    const std::size_t literal_end = *braces ? (*braces)->begin : text.size();
    add_encoded_literal(text.substr(at, literal_end - at), encoding);
    if (!*braces) {
      return {};
    }
    if (auto added = add_expression(**braces, encoding); !added) {
      return added;
    }
    at = (*braces)->end;
  }
}

void TemplateParser::add_encoded_literal(std::string_view text, Encoding encoding) {
  if (encoding == Encoding::kRaw) {
    add_literal(text);
    return;
  }
  std::string escaped;
  append_json_text(text, escaped);
  add_literal(escaped);
}

Result<void> TemplateParser::add_expression(const Braces& braces, Encoding encoding) {
  WrittenExpression expression = split_expression(braces.inside);
  Template::Piece piece;
  nested_uses_ = 0;
  nested_feeders_.clear();
  secret_ = false;
  auto type = read_source(expression.source, piece);
  if (type && piece.token == Token::kNow) {
    type = read_time_format(expression.filters, *type, piece);
  }
  if (type) {
    type = read_filters(expression.filters, expression.source, *type, piece);
  }
  if (!type) {
    return fail(std::move(type).error());
  }
  if (piece.token == Token::kCall) {
    piece.place = hash_combine(place_, calls_++);
  } else {
    piece.uses |= Template::bit(piece.token);
  }
  piece.encoding = *type == TextType::kNumber ? Encoding::kRaw : encoding;
  piece.name = braces.inside;
  keep_secret(piece);
  result_.pieces_.push_back(std::move(piece));
  return {};
}

// What is made of a secret alone, such as the Base64 of a password, is one too.
void TemplateParser::keep_secret(const Template::Piece& piece) {
  if (!secret_ || piece.uses != 0 || names_.scope == nullptr) {
    return;
  }
  Template alone;
  alone.pieces_.push_back(piece);
  alone.pieces_.back().encoding = Encoding::kRaw;
  std::string text;
  alone.render({}, text);
  names_.scope->add_secret(std::move(text));
}

Result<TextType> TemplateParser::read_time_format(std::vector<WrittenCall>& filters, TextType type,
                                                  Template::Piece& piece) {
  const NamedFormat* format = filters.empty() ? nullptr : find_format(filters.front().name);
  if (format == nullptr) {
    return type;
  }
  const WrittenCall written = filters.front();
  filters.erase(filters.begin());
  const std::size_t wanted = format->format == TimeFormat::kCustom ? 1 : 0;
  if (written.arguments.size() != wanted ||
      (wanted == 1 && !written.arguments.front().is_quoted())) {
    return wrong(written.name, wanted == 0 ? fmt::format("{} takes no argument", written.name)
                                           : "strftime takes a format in quotes, such as "
                                             "\"%Y-%m-%d\"");
  }
  piece.format = format->format;
  if (wanted == 1) {
    const auto text = nested(written.arguments.front(), 0, Encoding::kRaw);
    if (!text) {
      return fail(text.error());
    }
    if (!text->is_literal() || !is_strftime_format(text->literal())) {
      return wrong(written.arguments.front().written,
                   "this is no format for a time; write for example \"%Y-%m-%dT%H:%M:%SZ\"");
    }
    piece.time_format = text->literal();
  }
  return format->gives;
}

Result<TextType> TemplateParser::read_filters(const std::vector<WrittenCall>& filters,
                                              const WrittenCall& source, TextType type,
                                              Template::Piece& piece) {
  for (const WrittenCall& written : filters) {
    const TemplateFilter* filter = find_template_filter(written.name);
    if (filter == nullptr) {
      return unknown_filter(written, source);
    }
    if (!written.arguments.empty()) {
      return wrong(written.arguments.front().written,
                   fmt::format("{} takes no argument", filter->name));
    }
    if (type == TextType::kBytes && !filter->takes_bytes) {
      piece.filters.push_back(find_template_filter("hex"));
    }
    piece.filters.push_back(filter);
    type = filter->gives;
  }
  if (type == TextType::kBytes) {
    piece.filters.push_back(find_template_filter("hex"));
    type = TextType::kText;
  }
  return type;
}

Result<Template> TemplateParser::nested(const WrittenArgument& argument, std::size_t index,
                                        Encoding encoding) {
  TemplateParser inner(*this, index);
  if (auto added = inner.add_quoted(argument.written, encoding); !added) {
    return fail(std::move(added).error());
  }
  for (const Template::Piece& piece : inner.result_.pieces_) {
    nested_uses_ |= piece.uses;
    nested_feeders_.insert(nested_feeders_.end(), piece.feeders.begin(), piece.feeders.end());
  }
  secret_ = secret_ || inner.secret_;
  return inner.take();
}

Result<void> TemplateParser::add_quoted(std::string_view written, Encoding encoding) {
  auto parts = split_quoted(written);
  if (!parts) {
    const auto& where = parts.error().where;
    return wrong(written.substr(where ? where->column - 1 : 0), parts.error().message);
  }
  bool secret = false;
  for (const QuotedPart& part : *parts) {
    if (part.braces.empty()) {
      if (auto added = add_scope_text(part, written, encoding); !added) {
        return added;
      }
      secret = secret || secret_;
      continue;
    }
    const auto braces = find_braces(part.braces, 0);
    if (!braces || !*braces) {
      return wrong(part.braces, "this expression is not closed");
    }
    auto known = add_scope_value(**braces, encoding);
    if (!known) {
      return fail(std::move(known).error());
    }
    if (auto added = *known ? Result<void>() : add_expression(**braces, encoding); !added) {
      return added;
    }
    secret = secret || secret_;
  }
  secret_ = secret;
  return {};
}

// Literal text of an argument: only ${env:…} means something in it.
Result<void> TemplateParser::add_scope_text(const QuotedPart& part, std::string_view written,
                                            Encoding encoding) {
  constexpr std::string_view kEnvironment = "${env:";
  std::string_view rest = part.literal;
  while (names_.scope != nullptr) {
    const std::size_t open = rest.find(kEnvironment);
    const std::size_t close = open == std::string_view::npos ? open : rest.find('}', open);
    if (close == std::string_view::npos) {
      break;  // an open one is an error that substitute() words
    }
    const auto value = names_.scope->substitute(rest.substr(open, close + 1 - open));
    if (!value) {
      return wrong(written, value.error().message);
    }
    secret_ = true;
    add_literal(rest.substr(0, open));
    // The text around is written by people as it has to be; a value from outside is not.
    add_encoded_literal(*value, encoding);
    rest.remove_prefix(close + 1);
  }
  if (names_.scope != nullptr && rest.find(kEnvironment) != std::string_view::npos) {
    return wrong(written, names_.scope->substitute(rest).error().message);
  }
  add_literal(rest);
  return {};
}

Result<bool> TemplateParser::add_scope_value(const Braces& braces, Encoding encoding) {
  if (names_.scope == nullptr) {
    return false;
  }
  auto value = names_.scope->value_of(braces);
  if (!value) {
    return wrong(braces.inside, value.error().message);
  }
  if (*value) {
    add_encoded_literal(**value, encoding);
  }
  return value->has_value();
}

Result<Template> Template::parse(std::string_view text, const TemplateNames& names) {
  TemplateParser parser(names);
  if (auto added = parser.add_text(text, Encoding::kRaw); !added) {
    return fail(std::move(added).error());
  }
  return parser.take();
}

}  // namespace squall::expr
