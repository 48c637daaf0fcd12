// {{zipf 1000 1.1}}
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

constexpr std::int64_t kMostRanks = std::int64_t{1} << 50;
constexpr double kLargestExponent = 20;

// log(1 + x) / x and (exp(x) - 1) / x, at zero too.
double log1p_by_x(double x) {
  return std::abs(x) > 1e-8 ? std::log1p(x) / x : 1 - x / 2;
}
double expm1_by_x(double x) {
  return std::abs(x) > 1e-8 ? std::expm1(x) / x : 1 + x / 2;
}

// Rejection-inversion (Hörmann, Derflinger: "Rejection-inversion to generate variates from monotone
// discrete distributions", 1996): exact, and the same few steps for a thousand ranks and for 2^50.
// Below, H is the integral of the hat function h(x) = x^-s.
class Zipf final : public TemplateCall {
 public:
  Zipf(std::int64_t ranks, double exponent)
      : ranks_(static_cast<double>(ranks)),
        exponent_(exponent),
        from_(integral(1.5) - 1),
        to_(integral(ranks_ + 0.5)),
        sure_(2 - inverse(integral(2.5) - hat(2))) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    Rng draw = draws_at(context, place);
    double rank = 1;
    // Each try is accepted with a probability above one half; the bound keeps the loop provably
    // finite.
    for (int tries = 0; tries < 512; ++tries) {
      const double u = to_ + draw.next_unit() * (from_ - to_);
      const double x = inverse(u);
      rank = std::clamp(std::floor(x + 0.5), 1.0, ranks_);
      if (rank - x <= sure_ || u >= integral(rank + 0.5) - hat(rank)) {
        break;
      }
    }
    const fmt::format_int digits(static_cast<std::int64_t>(rank));
    out.append(digits.data(), digits.size());
  }

 private:
  [[nodiscard]] double hat(double x) const { return std::exp(-exponent_ * std::log(x)); }
  [[nodiscard]] double integral(double x) const {
    const double log_x = std::log(x);
    return expm1_by_x((1 - exponent_) * log_x) * log_x;
  }
  [[nodiscard]] double inverse(double x) const {
    const double t = std::max(-1.0, x * (1 - exponent_));
    return std::exp(log1p_by_x(t) * x);
  }

  double ranks_;
  double exponent_;
  double from_;
  double to_;
  double sure_;  // a rank at most this far above x is accepted without looking
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  const auto ranks = arguments.integer(0, 1, kMostRanks);
  if (!ranks) {
    return fail(ranks.error());
  }
  const auto exponent = arguments.number(1, 0, kLargestExponent);
  if (!exponent) {
    return fail(exponent.error());
  }
  return std::make_unique<const Zipf>(*ranks, *exponent);
}

}  // namespace

void register_template_function_zipf(TemplateFunctionRegistry& registry) {
  registry.add({.name = "zipf",
                .arguments = "RANKS EXPONENT",
                .summary = "A rank from 1 to RANKS; rank r is drawn in proportion to "
                           "1 / r^EXPONENT: few popular, many rare.",
                .example = "zipf 1000 1.1",
                .min_arguments = 2,
                .max_arguments = 2,
                .gives = TextType::kNumber,
                .draws = true,
                .compile = compile});
}

}  // namespace squall::expr
