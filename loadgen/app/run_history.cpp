#include "loadgen/app/run_history.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/model/history_plan.hpp"
#include "loadgen/model/history_report.hpp"
#include "loadgen/run/history_file.hpp"
#include "reports/history/check_history.hpp"
#include "reports/history/export.hpp"

namespace squall::app {
namespace {

std::vector<std::string> step_names(const model::RunRecord& record) {
  std::vector<std::string> names;
  names.reserve(record.steps.size());
  for (const model::RecordedStep& step : record.steps) {
    names.push_back(step.name);
  }
  return names;
}

model::HistoryReport unread_history(const model::HistoryPlan& plan,
                                    const std::vector<std::string>& steps, const Error& error) {
  model::HistoryReport report;
  for (const model::HistoryCheckPlan& check : plan.checks) {
    model::HistoryCheckReport& one = report.checks.emplace_back();
    one.name = check.name;
    one.check = to_string(check.check);
    one.verdict = model::Verdict::kInconclusive;
    one.summary = to_string(error);
    for (const std::uint16_t step : check.steps) {
      one.steps.push_back(steps.at(step));
    }
  }
  return report;
}

}  // namespace

void judge_history(const std::string& directory, const model::Plan& plan,
                   model::RunRecord& record) {
  if (plan.history == nullptr) {
    return;
  }
  const std::vector<std::string> steps = step_names(record);
  const auto attempts = run::read_history(directory, steps);
  record.history = std::make_shared<model::HistoryReport>(
      attempts ? reports::check_history(*attempts, *plan.history, steps, monotonic_now)
               : unread_history(*plan.history, steps, attempts.error()));
}

Result<std::string> export_history(const std::string& directory, const model::RunRecord& record,
                                   std::string_view form) {
  const auto exports = reports::history_exports();
  const auto found =
      std::find_if(exports.begin(), exports.end(),
                   [&](const reports::HistoryExport& one) { return one.name == form; });
  SQUALL_CHECK(found != exports.end());
  const std::vector<std::string> steps = step_names(record);
  const auto attempts = run::read_history(directory, steps);
  if (!attempts && attempts.error().code == ErrorCode::kNotFound) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("{} has no history: none of the plan's steps has `history`", directory));
  }
  if (!attempts) {
    return fail(attempts.error());
  }
  return found->render(*attempts, steps);
}

}  // namespace squall::app
