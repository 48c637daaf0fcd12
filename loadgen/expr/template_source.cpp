// What the expressions of templates begin with: names, quoted texts, functions, columns.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/feeder.hpp"
#include "loadgen/expr/template_function.hpp"
#include "loadgen/expr/template_parser.hpp"

namespace squall::expr {
namespace {

struct BuiltIn {
  std::string_view name;
  Token token;
  TextType gives;
};
constexpr std::array kBuiltIns{BuiltIn{"key", Token::kKey, TextType::kText},
                               BuiltIn{"seq", Token::kSequence, TextType::kNumber},
                               BuiltIn{"index", Token::kIndex, TextType::kNumber},
                               BuiltIn{"run", Token::kRun, TextType::kText},
                               BuiltIn{"caller", Token::kCaller, TextType::kText},
                               BuiltIn{"now", Token::kNow, TextType::kNumber},
                               BuiltIn{"body", Token::kBody, TextType::kText}};

const BuiltIn* find_built_in(std::string_view name) {
  const auto found = std::find_if(kBuiltIns.begin(), kBuiltIns.end(),
                                  [&](const BuiltIn& one) { return one.name == name; });
  return found == kBuiltIns.end() ? nullptr : &*found;
}

// A quoted text where a name could stand, so that filters can work on it.
class TextCall final : public TemplateCall {
 public:
  explicit TextCall(Template text) : text_(std::move(text)) {}
  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    text_.render(context, place, out);
  }

 private:
  Template text_;
};

std::string in_braces(std::string_view name) {
  return fmt::format("{{{{{}}}}}", printable(name, 60));
}

}  // namespace

tl::unexpected<Error> TemplateParser::unknown_name(std::string_view name) const {
  std::vector<std::string_view> known;
  for (const BuiltIn& one : kBuiltIns) {
    if (one.token != Token::kBody || names_.body) {
      known.push_back(one.name);
    }
  }
  // What is not known yet at this place has no name here, but keeps its slot.
  std::copy_if(names_.extracted.begin(), names_.extracted.end(), std::back_inserter(known),
               [](const std::string& one) { return !one.empty(); });
  std::vector<std::string_view> all = known;
  const std::vector<std::string_view> functions = template_functions().names();
  all.insert(all.end(), functions.begin(), functions.end());
  std::vector<std::string> columns;
  if (names_.feeders != nullptr) {
    columns = names_.feeders->columns();
  }
  all.insert(all.end(), columns.begin(), columns.end());
  std::string message = fmt::format("{} is not known here", in_braces(name));
  if (const auto nearest = nearest_name(name, all)) {
    message += fmt::format("; did you mean {}?", in_braces(*nearest));
  } else {
    message +=
        fmt::format("; known are {}, and functions (plans/README.md, Templates)", join_or(known));
  }
  return wrong(name, std::move(message));
}

Result<TextType> TemplateParser::read_source(const WrittenCall& source, Template::Piece& piece) {
  if (WrittenArgument{source.name}.is_quoted()) {
    return read_quoted_source(source, piece);
  }
  const BuiltIn* built_in = find_built_in(source.name);
  if (built_in != nullptr && built_in->token == Token::kNow) {
    return read_now(source, piece);
  }
  if (built_in != nullptr && built_in->token == Token::kBody && !names_.body) {
    return wrong(source.name, "{{body}} is known in the headers of a request, nowhere else");
  }
  if (built_in != nullptr) {
    return read_name(source, built_in->token, piece).map([&](TextType /*text*/) {
      return built_in->gives;
    });
  }
  const auto& extracted = names_.extracted;
  const auto found = std::find(extracted.begin(), extracted.end(), source.name);
  if (found != extracted.end() && !source.name.empty()) {
    piece.slot = static_cast<std::uint16_t>(found - extracted.begin());
    return read_name(source, Token::kExtracted, piece);
  }
  if (names_.feeders != nullptr && names_.feeders->has_feeder_of(source.name)) {
    return read_column(source, piece);
  }
  return read_function(source, piece);
}

Result<TextType> TemplateParser::read_name(const WrittenCall& source, Token token,
                                           Template::Piece& piece) {
  if (!source.arguments.empty()) {
    return wrong(source.arguments.front().written,
                 fmt::format("{} takes no argument", in_braces(source.name)));
  }
  piece.token = token;
  return TextType::kText;
}

Result<TextType> TemplateParser::read_quoted_source(const WrittenCall& source,
                                                    Template::Piece& piece) {
  if (!source.arguments.empty()) {
    return wrong(source.arguments.front().written,
                 "a text takes no argument; a filter stands "
                 "behind \"|\"");
  }
  auto text = nested({source.name}, 0, Encoding::kRaw);
  if (!text) {
    return fail(std::move(text).error());
  }
  piece.token = Token::kCall;
  piece.uses = nested_uses_;
  piece.feeders = std::move(nested_feeders_);
  piece.call = std::make_shared<const TextCall>(*std::move(text));
  return TextType::kText;
}

Result<TextType> TemplateParser::read_now(const WrittenCall& source, Template::Piece& piece) {
  piece.token = Token::kNow;
  if (source.arguments.size() > 1) {
    return wrong(source.arguments[1].written, "{{now}} takes one argument, such as +5m or -30s");
  }
  if (!source.arguments.empty()) {
    const std::string_view written = source.arguments.front().written;
    const bool is_signed = written.starts_with('+') || written.starts_with('-');
    const auto offset = parse_duration(written.starts_with('+') ? written.substr(1) : written,
                                       written.starts_with('-') ? Sign::kAny : Sign::kNonNegative);
    if (!offset || !is_signed) {
      return wrong(written, fmt::format("\"{}\" is no offset of {{{{now}}}}; write for example "
                                        "+5m or -30s",
                                        printable(written, 60)));
    }
    piece.offset = *offset;
  }
  return TextType::kNumber;
}

Result<TextType> TemplateParser::read_column(const WrittenCall& source, Template::Piece& piece) {
  auto column = names_.feeders->column(source.name);
  if (!column) {
    return wrong(source.name, column.error().message);
  }
  auto named = read_name(source, Token::kCall, piece);
  piece.uses = Template::bit(Token::kColumn);
  piece.call = std::move(column->call);
  if (column->feeder->order() == FeederOrder::kUnique) {
    piece.feeders.push_back(std::move(column->feeder));
  }
  return named;
}

Result<TextType> TemplateParser::read_function(const WrittenCall& source, Template::Piece& piece) {
  const TemplateFunction* function = template_functions().find(source.name);
  if (function == nullptr) {
    return unknown_name(source.name);
  }
  const std::size_t count = source.arguments.size();
  if (count < function->min_arguments || count > function->max_arguments) {
    return wrong(source.name,
                 fmt::format("{} takes {}; write for example {}", function->name,
                             function->arguments.empty() ? "no argument" : function->arguments,
                             in_braces(function->example)));
  }
  const CallArguments arguments(*function, source.arguments, *this);
  auto call = function->compile(arguments);
  if (!call) {
    return fail(std::move(call).error());
  }
  piece.token = Token::kCall;
  piece.uses = nested_uses_ | (function->draws ? Template::bit(Token::kDraw) : 0U) |
               (function->reads_clock ? Template::bit(Token::kNow) : 0U);
  piece.feeders = std::move(nested_feeders_);
  piece.call = *std::move(call);
  return function->gives;
}

const TemplateFunctionRegistry& template_functions() {
  static const TemplateFunctionRegistry registry = [] {
    TemplateFunctionRegistry all;
    register_template_functions(all);
    return all;
  }();
  return registry;
}

}  // namespace squall::expr
