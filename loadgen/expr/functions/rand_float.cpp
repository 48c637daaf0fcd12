// {{rand_float 0.5 9.5 2}}
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/real_number.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

class RandFloat final : public TemplateCall {
 public:
  RandFloat(double low, double high, std::optional<int> digits)
      : low_(low), high_(high), digits_(digits) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    const double unit = draws_at(context, place).next_unit();
    append_real(low_ * (1 - unit) + high_ * unit, digits_, out);
  }

 private:
  double low_;
  double high_;
  std::optional<int> digits_;
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  const auto low = arguments.number(0, -kLargestReal, kLargestReal);
  if (!low) {
    return fail(low.error());
  }
  const auto high = arguments.number(1, -kLargestReal, kLargestReal);
  if (!high) {
    return fail(high.error());
  }
  if (!(*high > *low)) {
    return arguments.wrong(1, fmt::format("{} is not above {}", *high, *low));
  }
  const auto digits = read_digits(arguments, 2);
  if (!digits) {
    return fail(digits.error());
  }
  return std::make_unique<const RandFloat>(*low, *high, *digits);
}

}  // namespace

void register_template_function_rand_float(TemplateFunctionRegistry& registry) {
  registry.add({.name = "rand_float",
                .arguments = "LOW HIGH [DIGITS]",
                .summary = "A number from LOW to below HIGH, evenly; with DIGITS, that many digits "
                           "behind the point.",
                .example = "rand_float 0.5 9.5 2",
                .min_arguments = 2,
                .max_arguments = 3,
                .gives = TextType::kNumber,
                .draws = true,
                .compile = compile});
}

}  // namespace squall::expr
