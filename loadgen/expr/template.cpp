#include "loadgen/expr/template.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/expr/braces.hpp"
#include "loadgen/expr/json_text.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::expr {
namespace {

struct BuiltIn {
  std::string_view name;
  Token token;
};
constexpr std::array kBuiltIns{BuiltIn{"key", Token::kKey},       BuiltIn{"seq", Token::kSequence},
                               BuiltIn{"index", Token::kIndex},   BuiltIn{"run", Token::kRun},
                               BuiltIn{"caller", Token::kCaller}, BuiltIn{"now", Token::kNow}};

struct NamedFormat {
  std::string_view name;
  TimeFormat format;
};
constexpr std::array kFormats{NamedFormat{"unix", TimeFormat::kUnixSeconds},
                              NamedFormat{"unix_ms", TimeFormat::kUnixMilliseconds},
                              NamedFormat{"iso", TimeFormat::kIso8601},
                              NamedFormat{"http", TimeFormat::kHttpDate}};

template <std::size_t N, class Named>
const Named* find_named(const std::array<Named, N>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Error invalid(std::string message, std::size_t offset) {
  return {ErrorCode::kInvalidArgument, std::move(message),
          SourceRef{{}, 0, static_cast<unsigned>(offset + 1)}};
}

Error unknown_name(std::string_view name, const TemplateNames& names, std::size_t offset) {
  std::vector<std::string_view> known;
  known.reserve(std::size(kBuiltIns) + names.extracted.size());
  for (const BuiltIn& one : kBuiltIns) {
    known.push_back(one.name);
  }
  // What is not known yet at this place has no name here, but keeps its slot.
  std::copy_if(names.extracted.begin(), names.extracted.end(), std::back_inserter(known),
               [](const std::string& one) { return !one.empty(); });
  std::string message = fmt::format("{{{{{}}}}} is not known here", printable(name, 60));
  if (const auto nearest = nearest_name(name, known)) {
    message += fmt::format("; did you mean {{{{{}}}}}?", *nearest);
  } else {
    message += fmt::format("; known are {}", join_or(known));
  }
  return invalid(std::move(message), offset);
}

Result<TimeFormat> parse_format(const Braces& braces, Token token) {
  if (!braces.format) {
    return TimeFormat::kUnixSeconds;
  }
  if (token != Token::kNow) {
    return fail(invalid(fmt::format("only {{{{now}}}} takes a format, not {{{{{}}}}}", braces.name),
                        braces.begin));
  }
  if (const NamedFormat* found = find_named(kFormats, *braces.format)) {
    return found->format;
  }
  std::vector<std::string_view> known;
  known.reserve(std::size(kFormats));
  for (const NamedFormat& one : kFormats) {
    known.push_back(one.name);
  }
  return fail(invalid(fmt::format("{{{{now}}}} has no format \"{}\"; write {}",
                                  printable(*braces.format, 60), join_or(known)),
                      braces.begin));
}

void append_now(WallTime now, TimeFormat format, std::string& out) {
  const auto since_epoch = now.time_since_epoch();
  switch (format) {
    case TimeFormat::kUnixSeconds:
      fmt::format_to(std::back_inserter(out), "{}",
                     std::chrono::floor<std::chrono::seconds>(since_epoch).count());
      return;
    case TimeFormat::kUnixMilliseconds:
      fmt::format_to(std::back_inserter(out), "{}",
                     std::chrono::floor<std::chrono::milliseconds>(since_epoch).count());
      return;
    case TimeFormat::kIso8601:
      append_iso8601(now, out);
      return;
    case TimeFormat::kHttpDate:
      append_http_date(now, out);
      return;
  }
}

bool is_number(Token token, TimeFormat format) {
  return token == Token::kSequence || token == Token::kIndex ||
         (token == Token::kNow &&
          (format == TimeFormat::kUnixSeconds || format == TimeFormat::kUnixMilliseconds));
}

void append_encoded(std::string_view text, Encoding encoding, std::string& out) {
  switch (encoding) {
    case Encoding::kRaw:
      out.append(text);
      return;
    case Encoding::kJsonText:
      append_json_text(text, out);
      return;
    case Encoding::kJsonValue:
      out += '"';
      append_json_text(text, out);
      out += '"';
      return;
  }
}

}  // namespace

// Builds one Template piece by piece.
class TemplateParser {
 public:
  explicit TemplateParser(const TemplateNames& names) : names_(names) {}

  void add_literal(std::string_view text) { result_.append_literal(text); }

  // Text with {{names}}. With kJsonText the literal text is escaped too.
  Result<void> add_text(std::string_view text, Encoding encoding) {
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

  Result<void> add_json(const Value& value) {
    if (const std::string* text = value.as_string()) {
      return add_json_string(*text, value.where);
    }
    if (const Array* items = value.as_array()) {
      return add_json_array(*items);
    }
    if (const Table* entries = value.as_table()) {
      return add_json_object(*entries);
    }
    if (const double* number = std::get_if<double>(&value.data)) {
      if (!std::isfinite(*number)) {
        return fail(
            {ErrorCode::kInvalidArgument, "JSON has no infinite numbers and no nan", value.where});
      }
      add_literal(json_number(*number));
    } else {
      add_literal(scalar_text(value));
    }
    return {};
  }

  Template take() { return std::move(result_); }

 private:
  void add_encoded_literal(std::string_view text, Encoding encoding) {
    if (encoding == Encoding::kRaw) {
      add_literal(text);
      return;
    }
    std::string escaped;
    append_json_text(text, escaped);
    add_literal(escaped);
  }

  Result<void> add_expression(const Braces& braces, Encoding encoding) {
    Template::Piece piece;
    if (const BuiltIn* built_in = find_named(kBuiltIns, braces.name)) {
      piece.token = built_in->token;
    } else {
      const auto& all = names_.extracted;
      const auto found = std::find(all.begin(), all.end(), braces.name);
      if (found == all.end()) {
        return fail(unknown_name(braces.name, names_, braces.begin));
      }
      piece.token = Token::kExtracted;
      piece.slot = static_cast<std::uint16_t>(found - all.begin());
    }
    const auto format = parse_format(braces, piece.token);
    if (!format) {
      return fail(format.error());
    }
    piece.format = *format;
    piece.encoding = is_number(piece.token, piece.format) ? Encoding::kRaw : encoding;
    piece.name = braces.inside;
    result_.pieces_.push_back(std::move(piece));
    return {};
  }

  Result<void> add_json_string(std::string_view text, const SourceRef& where) {
    const auto located = [&](Result<void> result) {
      if (!result) {
        result.error().where = where;
      }
      return result;
    };
    const auto braces = find_braces(text, 0);
    if (braces && *braces && (*braces)->begin == 0 && (*braces)->end == text.size()) {
      return located(add_expression(**braces, Encoding::kJsonValue));
    }
    add_literal("\"");
    auto added = located(add_text(text, Encoding::kJsonText));
    add_literal("\"");
    return added;
  }

  Result<void> add_json_array(const Array& items) {
    add_literal("[");
    for (std::size_t i = 0; i < items.size(); ++i) {
      add_literal(i == 0 ? "" : ",");
      if (auto added = add_json(items[i]); !added) {
        return added;
      }
    }
    add_literal("]");
    return {};
  }

  Result<void> add_json_object(const Table& entries) {
    add_literal("{");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      add_literal(i == 0 ? "\"" : ",\"");
      add_encoded_literal(entries[i].key, Encoding::kJsonText);
      add_literal("\":");
      if (auto added = add_json(entries[i].value); !added) {
        return added;
      }
    }
    add_literal("}");
    return {};
  }

  const TemplateNames& names_;
  Template result_;
};

Result<Template> Template::parse(std::string_view text, const TemplateNames& names) {
  TemplateParser parser(names);
  if (auto added = parser.add_text(text, Encoding::kRaw); !added) {
    return fail(std::move(added).error());
  }
  return parser.take();
}

Result<Template> Template::from_json(const Value& value, const TemplateNames& names) {
  TemplateParser parser(names);
  if (auto added = parser.add_json(value); !added) {
    return fail(std::move(added).error());
  }
  return parser.take();
}

void Template::render(const RenderContext& context, std::string& out) const {
  out.append(first_);
  for (const Piece& piece : pieces_) {
    switch (piece.token) {
      case Token::kKey:
        append_encoded(context.key, piece.encoding, out);
        break;
      case Token::kSequence: {
        const fmt::format_int digits(context.sequence);
        out.append(digits.data(), digits.size());
        break;
      }
      case Token::kIndex: {
        const fmt::format_int digits(context.index);
        out.append(digits.data(), digits.size());
        break;
      }
      case Token::kRun:
        append_encoded(context.run_id, piece.encoding, out);
        break;
      case Token::kCaller:
        append_encoded(context.caller, piece.encoding, out);
        break;
      case Token::kNow:
        append_time(context.now, piece, out);
        break;
      case Token::kExtracted:
        if (piece.slot < context.extracted.size()) {
          append_encoded(context.extracted[piece.slot], piece.encoding, out);
        } else {
          append_encoded({}, piece.encoding, out);
        }
        break;
    }
    out.append(piece.literal);
  }
}

void Template::append_time(WallTime now, const Piece& piece, std::string& out) {
  // No time format needs escaping; as a JSON value its text only needs quotes.
  const bool quoted = piece.encoding == Encoding::kJsonValue;
  if (quoted) {
    out += '"';
  }
  append_now(now, piece.format, out);
  if (quoted) {
    out += '"';
  }
}

bool Template::is_volatile() const {
  return uses(Token::kNow) || uses(Token::kExtracted);
}

bool Template::uses(Token token) const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [&](const Piece& piece) { return piece.token == token; });
}

void Template::append(const Template& next) {
  // A copy first: `next` may be this template.
  std::vector<Piece> pieces = next.pieces_;
  append_literal(std::string(next.first_));
  pieces_.insert(pieces_.end(), std::make_move_iterator(pieces.begin()),
                 std::make_move_iterator(pieces.end()));
}

void Template::append_literal(std::string_view text) {
  (pieces_.empty() ? first_ : pieces_.back().literal).append(text);
}

std::string Template::source() const {
  std::string text = first_;
  for (const Piece& piece : pieces_) {
    text += fmt::format("{{{{{}}}}}{}", piece.name, piece.literal);
  }
  return text;
}

}  // namespace squall::expr
