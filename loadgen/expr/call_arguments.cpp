#include "loadgen/expr/call_arguments.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/plan_file.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/template_function.hpp"
#include "loadgen/expr/template_parser.hpp"

namespace squall::expr {
namespace {

template <class T>
std::optional<T> number_of(std::string_view text) {
  T number{};
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = code == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

tl::unexpected<Error> CallArguments::wrong(std::size_t at, std::string message) const {
  return parser_.wrong(arguments_[at].written,
                       fmt::format("{}: {}", function_.name, std::move(message)));
}

Result<Template> CallArguments::text(std::size_t at, Encoding encoding) const {
  if (!is_text(at)) {
    return wrong(at,
                 fmt::format("a text in quotes was expected, not {}; write for example {{{{{}}}}}",
                             printable(arguments_[at].written, 60), function_.example));
  }
  return parser_.nested(arguments_[at], at, encoding);
}

Result<std::string> CallArguments::literal(std::size_t at) const {
  const auto parsed = text(at);
  if (!parsed) {
    return fail(parsed.error());
  }
  if (!parsed->is_literal()) {
    return wrong(at, "this has to be known while the plan is read, without {{names}} of a request");
  }
  return std::string(parsed->literal());
}

Result<std::int64_t> CallArguments::integer(std::size_t at, std::int64_t min,
                                            std::int64_t max) const {
  const auto value = number_of<std::int64_t>(arguments_[at].written);
  if (!value || *value < min || *value > max) {
    return wrong(at, fmt::format("an integer from {} to {} was expected, not {}", min, max,
                                 printable(arguments_[at].written, 60)));
  }
  return *value;
}

Result<double> CallArguments::number(std::size_t at, double min, double max) const {
  const auto value = number_of<double>(arguments_[at].written);
  if (!value || !(*value >= min && *value <= max)) {
    return wrong(at, fmt::format("a number from {} to {} was expected, not {}", min, max,
                                 printable(arguments_[at].written, 60)));
  }
  return *value;
}

Result<Duration> CallArguments::duration(std::size_t at) const {
  std::string_view written = arguments_[at].written;
  if (written.starts_with('+')) {
    written.remove_prefix(1);
  }
  const auto value = parse_duration(written, Sign::kAny);
  if (!value) {
    return wrong(at, value.error().message);
  }
  return *value;
}

Result<std::string> CallArguments::read_file(std::size_t at, const std::string& path) const {
  constexpr std::size_t kMaxBytes = std::size_t{16} * 1024 * 1024;
  const Scope* scope = parser_.names().scope;
  auto content = read_plan_file(scope != nullptr ? scope->resolve_path(path) : path, kMaxBytes);
  if (!content) {
    return wrong(at, content.error().message);
  }
  return content;
}

}  // namespace squall::expr
