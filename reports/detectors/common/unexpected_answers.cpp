#include "reports/detectors/common/unexpected_answers.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/detectors/common/effect_steps.hpp"

namespace squall::reports {

UnexpectedAnswers unexpected_answers(const model::RunRecord& record,
                                     const std::vector<std::string>& selectors) {
  using model::AttemptClass;
  UnexpectedAnswers all;
  if (selectors.empty()) {
    return all;
  }
  for (const model::RecordedStep& step : record.steps) {
    if (!is_selected(selectors, step.name)) {
      continue;
    }
    const auto classes =
        model::count_attempts(record, {.step = step.name, .exposure = {}, .phase = {}});
    const auto count = [&](AttemptClass how) { return classes[static_cast<std::size_t>(how)]; };
    const std::uint64_t unexpected =
        count(AttemptClass::kUnexpected) + count(AttemptClass::kClientError);
    all.answers += count(AttemptClass::kSuccess) + unexpected;
    all.unexpected += unexpected;
    for (const model::UnmetDemand& demand : record.unmet) {
      if (demand.step == step.name) {
        all.demands.push_back(fmt::format("{}: {}, not met {} times", printable(step.name),
                                          printable(demand.text), demand.attempts));
      }
    }
  }
  return all;
}

}  // namespace squall::reports
