#include "reports/detectors/common/unexpected_answers.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/detectors/common/effect_steps.hpp"

namespace squall::reports {
namespace {

std::uint64_t missing_of(const model::RunRecord& record, const std::string& step) {
  std::uint64_t missing = 0;
  for (const model::RecordedEnding& ending : record.endings) {
    const bool says_so = ending.status == 404 || ending.status == 410;
    if (ending.step == step && ending.how == model::AttemptClass::kClientError && says_so) {
      missing += ending.attempts;
    }
  }
  return missing;
}

}  // namespace

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
    const std::uint64_t missing =
        std::min(missing_of(record, step.name), count(AttemptClass::kClientError));
    const std::uint64_t unexpected = count(AttemptClass::kUnexpected);
    all.answers += count(AttemptClass::kSuccess) + unexpected + missing;
    all.unexpected += unexpected;
    all.missing += missing;
    all.errors += count(AttemptClass::kClientError) + count(AttemptClass::kServerError) - missing;
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
