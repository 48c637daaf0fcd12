#include "reports/formats/common/capacity_text.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"

namespace squall::reports {
namespace {

using model::CapacityLimit;

std::string conditions_text(const model::Capacity& capacity) {
  std::string text;
  for (const std::string& condition : capacity.conditions) {
    text += (text.empty() ? "" : ", ") + condition;
  }
  return text;
}

std::string undecided_sentence(const model::Capacity& capacity, const std::string& conditions,
                               const std::string& confirmed) {
  const std::string upper = format_rate(capacity.upper);
  if (capacity.rate.per_second > 0) {
    return fmt::format("at least {} with {}; {} had too few samples to tell; {}",
                       format_rate(capacity.rate), conditions, upper, confirmed);
  }
  return fmt::format("undecided with {}: too few samples to tell, in longer stages too{}",
                     conditions,
                     capacity.upper.per_second > 0 ? fmt::format("; {} was too much", upper) : "");
}

}  // namespace

std::string capacity_sentence(const model::Capacity& capacity) {
  const std::string rate = format_rate(capacity.rate);
  const std::string upper = format_rate(capacity.upper);
  const std::string conditions = conditions_text(capacity);
  const std::string confirmed =
      capacity.confirmed ? "confirmed by a longer stage" : "not confirmed by a longer stage";
  switch (capacity.limit) {
    case CapacityLimit::kTarget:
      return fmt::format("{} with {}; {} was too much; {}", rate, conditions, upper, confirmed);
    case CapacityLimit::kGenerator:
      return fmt::format(
          "at least {} with {}; squall could not offer {} from this host, so the target may carry "
          "more; {}",
          rate, conditions, upper, confirmed);
    case CapacityLimit::kMaximum:
      return fmt::format("at least {} with {}: the highest rate that was to be tried; {}", rate,
                         conditions, confirmed);
    case CapacityLimit::kUndecided:
      return undecided_sentence(capacity, conditions, confirmed);
    case CapacityLimit::kNothing:
      break;
  }
  return capacity.upper.per_second > 0
             ? fmt::format("no rate held with {}; the lowest that did not was {}", conditions,
                           upper)
             : fmt::format("no rate was settled with {}", conditions);
}

std::vector<model::CapacityStage> curve_of(const model::Capacity& capacity) {
  std::vector<model::CapacityStage> stages = capacity.stages;
  std::stable_sort(stages.begin(), stages.end(),
                   [](const auto& a, const auto& b) { return a.rate < b.rate; });
  return stages;
}

std::string stage_word(const model::CapacityStage& stage) {
  const std::string word(model::to_string(stage.verdict));
  return stage.confirmation ? word + ", longer" : word;
}

}  // namespace squall::reports
