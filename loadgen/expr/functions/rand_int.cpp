// {{rand_int 1 100}}
#include <limits>

#include <fmt/format.h>

#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

class RandInt final : public TemplateCall {
 public:
  RandInt(std::int64_t low, std::int64_t high)
      : low_(static_cast<std::uint64_t>(low)), span_(static_cast<std::uint64_t>(high) - low_) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    Rng draw = draws_at(context, place);
    const bool everything = span_ == std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t above = everything ? draw.next_bits() : draw.next_below(span_ + 1);
    const fmt::format_int digits(static_cast<std::int64_t>(low_ + above));
    out.append(digits.data(), digits.size());
  }

 private:
  std::uint64_t low_;
  std::uint64_t span_;  // high - low
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  using Limits = std::numeric_limits<std::int64_t>;
  const auto low = arguments.integer(0, Limits::min(), Limits::max());
  if (!low) {
    return fail(low.error());
  }
  const auto high = arguments.integer(1, Limits::min(), Limits::max());
  if (!high) {
    return fail(high.error());
  }
  if (*high < *low) {
    return arguments.wrong(1, fmt::format("{} is below {}", *high, *low));
  }
  return std::make_unique<const RandInt>(*low, *high);
}

}  // namespace

void register_template_function_rand_int(TemplateFunctionRegistry& registry) {
  registry.add({.name = "rand_int",
                .arguments = "LOW HIGH",
                .summary = "An integer from LOW to HIGH, both included, each as likely.",
                .example = "rand_int 1 100",
                .min_arguments = 2,
                .max_arguments = 2,
                .gives = TextType::kNumber,
                .draws = true,
                .compile = compile});
}

}  // namespace squall::expr
