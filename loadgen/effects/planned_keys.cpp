#include "loadgen/effects/planned_keys.hpp"

namespace squall::effects {
namespace {

constexpr std::uint64_t kFirstArrivals = 16;
constexpr std::uint64_t kLastArrival = std::uint64_t{1} << 20;

}  // namespace

std::optional<std::string> planned_key(const model::Plan& plan, const model::Step& step,
                                       model::OperationIndex operation) {
  if (step.effect_key.uses(expr::Token::kExtracted) || step.effect_key.uses(expr::Token::kIndex)) {
    return std::nullopt;
  }
  const std::string key = model::make_key(plan, step, operation);
  std::string text;
  step.effect_key.render({.key = key,
                          .sequence = operation.arrival,
                          .run_id = plan.run_id,
                          .now = {},
                          .extracted = {}},
                         text);
  return text;
}

std::vector<std::string> sample_of_keys(const model::Plan& plan) {
  std::vector<std::string> keys;
  for (const model::Step& step : plan.steps) {
    for (std::uint64_t arrival = 0; step.is_effect && arrival <= kLastArrival;
         arrival = arrival < kFirstArrivals ? arrival + 1 : arrival * 2) {
      if (auto key = planned_key(plan, step, arrival)) {
        keys.push_back(std::move(*key));
      }
    }
  }
  return keys;
}

}  // namespace squall::effects
