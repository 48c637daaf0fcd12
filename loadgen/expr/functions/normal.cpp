// {{normal 10 2}}
#include <limits>
#include <optional>

#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/real_number.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

class Normal final : public TemplateCall {
 public:
  Normal(double mean, double deviation, std::optional<int> digits)
      : mean_(mean), deviation_(deviation), digits_(digits) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    append_real(mean_ + deviation_ * draws_at(context, place).next_normal(), digits_, out);
  }

 private:
  double mean_;
  double deviation_;
  std::optional<int> digits_;
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  const auto mean = arguments.number(0, -kLargestReal, kLargestReal);
  if (!mean) {
    return fail(mean.error());
  }
  const auto deviation = arguments.number(1, 0, kLargestReal);
  if (!deviation) {
    return fail(deviation.error());
  }
  const auto digits = read_digits(arguments, 2);
  if (!digits) {
    return fail(digits.error());
  }
  return std::make_unique<const Normal>(*mean, *deviation, *digits);
}

}  // namespace

void register_template_function_normal(TemplateFunctionRegistry& registry) {
  registry.add({.name = "normal",
                .arguments = "MEAN DEVIATION [DIGITS]",
                .summary = "A normally distributed number; with DIGITS, that many digits behind "
                           "the point.",
                .example = "normal 10 2 0",
                .min_arguments = 2,
                .max_arguments = 3,
                .gives = TextType::kNumber,
                .draws = true,
                .compile = compile});
}

}  // namespace squall::expr
