#include "reports/detectors/common/effect_steps.hpp"

#include <algorithm>

#include "loadgen/model/selection.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {

bool is_selected(const std::vector<std::string>& selectors, std::string_view step) {
  return selectors.empty() ||
         std::any_of(selectors.begin(), selectors.end(), [&](const std::string& selector) {
           return model::selects_step(selector, step);
         });
}

std::vector<const model::EffectCounts*> effect_steps(const model::RunRecord& record,
                                                     std::string_view detector,
                                                     const std::vector<std::string>& selectors) {
  std::vector<const model::EffectCounts*> chosen;
  if (!is_asked(record, detector) || !record.effects.counted) {
    return chosen;
  }
  for (const model::EffectCounts& counts : record.effects.steps) {
    if (is_selected(selectors, counts.step)) {
      chosen.push_back(&counts);
    }
  }
  return chosen;
}

}  // namespace squall::reports
