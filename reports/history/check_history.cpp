#include "reports/history/check_history.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/core.h>

#include "reports/history/checker.hpp"

namespace squall::reports {
namespace {

using model::HistoryCheckKind;
using model::HistoryOperation;

HistoryJudgement judge(const std::vector<HistoryOperation>& operations,
                       const model::HistoryCheckPlan& plan, const std::function<TimePoint()>& now) {
  switch (plan.check) {
    case HistoryCheckKind::kSet:
      return check_set(operations, plan);
    case HistoryCheckKind::kRegister: {
      const TimePoint end = now() + plan.time_limit;
      return check_register(operations, plan, {.over = [&now, end] { return now() >= end; }});
    }
    case HistoryCheckKind::kSession:
      return check_session(operations, plan);
    case HistoryCheckKind::kCounter:
      return check_counter(operations, plan);
    case HistoryCheckKind::kBank:
      return check_bank(operations, plan);
    case HistoryCheckKind::kLostUpdate:
      return check_lost_update(operations, plan);
  }
  return {};
}

std::vector<HistoryOperation> of_steps(const std::vector<HistoryOperation>& attempts,
                                       const std::vector<std::uint16_t>& steps) {
  std::vector<HistoryOperation> some;
  std::copy_if(attempts.begin(), attempts.end(), std::back_inserter(some),
               [&](const HistoryOperation& one) {
                 return std::find(steps.begin(), steps.end(), one.step) != steps.end();
               });
  return some;
}

}  // namespace

model::HistoryReport check_history(const std::vector<HistoryOperation>& attempts,
                                   const model::HistoryPlan& plan,
                                   const std::vector<std::string>& steps,
                                   const std::function<TimePoint()>& now) {
  model::HistoryReport report;
  for (const HistoryOperation& one : attempts) {
    switch (one.outcome) {
      case model::HistoryOutcome::kOk:
        ++report.ok;
        break;
      case model::HistoryOutcome::kFail:
        ++report.fail;
        report.unread += one.problem.empty() ? 0U : 1U;
        break;
      case model::HistoryOutcome::kInfo:
        ++report.info;
        break;
    }
  }
  for (const model::HistoryCheckPlan& check : plan.checks) {
    const auto operations = fold_attempts(of_steps(attempts, check.steps), check.repeats);
    HistoryJudgement judged = judge(operations, check, now);
    judged.name = check.name;
    judged.check = model::to_string(check.check);
    for (const std::uint16_t step : check.steps) {
      judged.steps.push_back(step < steps.size() ? steps[step] : std::string());
    }
    judged.operations = operations.size();
    std::set<std::string_view> keys;
    for (const HistoryOperation& one : operations) {
      keys.insert(one.key);
    }
    judged.keys = keys.size();
    report.checks.push_back(std::move(judged));
  }
  return report;
}

}  // namespace squall::reports
