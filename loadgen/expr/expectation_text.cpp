#include "loadgen/expr/expectation_text.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/scanner.hpp"

namespace squall::expr {
namespace {

// Where an expectation looks, and the text that may hold {{names}}; null where there is none.
struct Parts {
  const std::string* place = nullptr;
  const std::string* text = nullptr;
};

struct PartsOf {
  Parts operator()(const Expectation::JsonCompare& wanted) const {
    return {&wanted.pointer, std::get_if<std::string>(&wanted.expected)};
  }
  Parts operator()(const Expectation::HeaderCompare& wanted) const {
    return {&wanted.name, &wanted.text};
  }
  Parts operator()(const Expectation::HeaderContains& wanted) const {
    return {&wanted.name, &wanted.text};
  }
  Parts operator()(const Expectation::BodyContains& wanted) const {
    return {nullptr, &wanted.text};
  }
  template <class Other>
  Parts operator()(const Other& /*condition*/) const {
    return {};
  }
};

bool has_names(const std::string* text) {
  return text != nullptr && text->find("{{") != std::string::npos;
}

}  // namespace

Result<std::optional<ExpectedText>> expected_text(const Expectation& expectation,
                                                  const TemplateNames& names) {
  const std::string_view source = expectation.source;
  const std::size_t opens = source.find("{{");
  if (opens == std::string_view::npos || source.find("}}", opens) == std::string_view::npos) {
    return std::nullopt;
  }
  const Parts parts = std::visit(PartsOf{}, expectation.condition);
  if (has_names(parts.place) || !has_names(parts.text)) {
    return Scanner::error_at(opens + 1,
                             "nothing is filled in here: {{names}} stand in the text behind a "
                             "comparison or \"contains\"");
  }
  const std::size_t inside = parts.text->find("{{");
  auto parsed = Template::parse(*parts.text, names);
  if (!parsed) {
    const auto& where = parsed.error().where;
    return Scanner::error_at(opens - inside + (where ? where->column : 1), parsed.error().message);
  }
  if (parsed->uses(Token::kDraw)) {
    return Scanner::error_at(opens + 1,
                             "what is drawn by chance is drawn anew wherever it stands: the "
                             "request holds another one");
  }
  return ExpectedText{*std::move(parsed), !trim(source).ends_with('"')};
}

}  // namespace squall::expr
