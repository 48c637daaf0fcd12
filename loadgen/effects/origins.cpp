#include "loadgen/effects/origins.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace squall::effects {
namespace {

struct History {
  std::set<std::uint16_t> faults;
  bool retried = false;
};

// step, arrival, visit
using OperationId = std::tuple<std::uint16_t, std::uint64_t, std::uint32_t>;

std::map<OperationId, History> histories_of(const std::vector<model::EffectAttempt>& attempts) {
  std::map<OperationId, History> histories;
  for (const model::EffectAttempt& attempt : attempts) {
    History& history = histories[{attempt.step, attempt.arrival, attempt.visit}];
    history.faults.insert(attempt.faults.begin(), attempt.faults.end());
    history.retried = history.retried || attempt.attempt > 0;
  }
  return histories;
}

}  // namespace

std::vector<model::EffectOrigin> origins_of(const model::Plan& plan,
                                            const model::Judgement& judgement,
                                            const std::vector<model::EffectAttempt>& attempts) {
  const std::map<OperationId, History> histories = histories_of(attempts);
  using Group = std::tuple<std::uint16_t, model::EffectVerdict, std::set<std::uint16_t>, bool>;
  std::map<Group, std::uint64_t> groups;
  for (const model::JudgedOperation& judged : judgement.wrong) {
    const model::EffectOperation& operation = judged.operation;
    const auto history = histories.find({operation.step, operation.arrival, operation.visit});
    if (judged.verdict != model::EffectVerdict::kUndecided && history != histories.end()) {
      ++groups[{operation.step, judged.verdict, history->second.faults, history->second.retried}];
    }
  }
  std::vector<model::EffectOrigin> origins;
  for (const auto& [group, count] : groups) {
    const auto& [step, verdict, faults, retried] = group;
    model::EffectOrigin origin;
    origin.step = plan.steps.at(step).full_name;
    origin.verdict = verdict;
    origin.faults.assign(faults.begin(), faults.end());
    origin.retried = retried;
    origin.operations = count;
    origins.push_back(std::move(origin));
  }
  std::stable_sort(origins.begin(), origins.end(),
                   [](const auto& a, const auto& b) { return a.operations > b.operations; });
  return origins;
}

}  // namespace squall::effects
