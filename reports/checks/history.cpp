#include "reports/checks/history.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/history_report.hpp"

namespace squall::reports {
namespace {

using model::HistoryCheckReport;
using model::Verdict;

std::string source_of(const HistoryCheckReport& check) {
  const std::string name =
      check.name == check.check ? check.check : fmt::format("{} ({})", check.name, check.check);
  return fmt::format("history {} of {}", name, fmt::join(check.steps, ", "));
}

std::vector<std::string> remedies_of(const std::string& check) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kRemedies{{
      {"set",
       "acknowledge an element only when it is durable where reads look; make adding it again, by "
       "its id, a change of nothing"},
      {"register",
       "read and change in one place and one step: a compare-and-set or a row lock, reads from the "
       "primary, and a cache that is invalidated before the write is acknowledged"},
      {"session",
       "keep a session at one replica, or carry the version that it has seen and wait until the "
       "replica has it"},
      {"counter",
       "count in the database (update … set n = n + 1), not from a value that was read before; "
       "make a repeated add, by its key, a change of nothing"},
      {"bank", "move both parts in one transaction, and read them in one snapshot"},
      {"lost-update",
       "write only over the version that was read (If-Match, where version = …), or append in the "
       "database instead of writing the whole back"},
  }};
  for (const auto& [name, remedy] : kRemedies) {
    if (name == check) {
      return {std::string(remedy)};
    }
  }
  return {};
}

}  // namespace

bool judges_history(const model::RunRecord& record) {
  return record.history != nullptr && !record.history->checks.empty();
}

void add_history_checks(model::RunRecord& record) {
  if (record.history == nullptr) {
    return;
  }
  for (const HistoryCheckReport& check : record.history->checks) {
    record.checks.push_back({.source = source_of(check),
                             .verdict = check.verdict,
                             .about_effects = true,
                             .value = static_cast<double>(check.violations),
                             .bound = 0,
                             .value_text = fmt::format("{} violation{}", check.violations,
                                                       check.violations == 1 ? "" : "s"),
                             .samples = check.operations,
                             .note = check.summary});
  }
}

void add_history_findings(model::RunRecord& record) {
  if (record.history == nullptr) {
    return;
  }
  for (const HistoryCheckReport& check : record.history->checks) {
    if (check.verdict == Verdict::kFail) {
      record.findings.push_back({.detector = "history",
                                 .id = "history:" + check.name,
                                 .verdict = Verdict::kFail,
                                 .about_effects = true,
                                 .required = true,
                                 .summary = check.summary,
                                 .evidence = check.witness,
                                 .remedies = remedies_of(check.check),
                                 .reproducer = {}});
    }
  }
}

}  // namespace squall::reports
