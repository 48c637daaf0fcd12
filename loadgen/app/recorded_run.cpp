#include "loadgen/app/recorded_run.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/plan/saved_checks.hpp"
#include "loadgen/run/journal.hpp"
#include "reports/checks/verdict.hpp"

namespace squall::app {

namespace {

Result<model::Checks> saved_checks(const std::string& directory, const model::RunRecord& record) {
  const std::string path = directory + "/plan.toml";
  const auto text = read_file(path);
  if (!text) {
    return fail(text.error());
  }
  PlanOptions options;
  options.run_id = record.run_id;
  return plan::read_saved_checks(*text, path, registries().for_plans(), load_options(options));
}

void judge_killed(const std::string& directory, model::RunRecord& record) {
  if (!record.shard.is_whole()) {
    reports::judge(record, {}, registries().detectors);
    return;
  }
  const auto checks = saved_checks(directory, record);
  reports::judge(record, checks ? reports::judge_inputs(*checks) : reports::JudgeInputs(),
                 registries().detectors);
  if (!checks) {
    record.reasons.push_back("the plan's checks were not judged: " + to_string(checks.error()));
  }
}

}  // namespace

Result<model::RunRecord> read_record_file(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    return fail(text.error());
  }
  auto record = model::record_from_json(*text);
  if (record) {
    return record;
  }
  Error problem = std::move(record.error());
  if (!problem.where) {
    return fail(with_context(std::move(problem), path));
  }
  problem.where->file = path;
  return fail(std::move(problem));
}

Result<model::RunRecord> read_recorded_run(const std::string& directory) {
  std::error_code error;
  const std::string path = directory + "/record.json";
  if (std::filesystem::exists(path, error)) {
    return read_record_file(path);
  }
  if (!std::filesystem::exists(directory + "/events.ndjson", error)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} is not the directory of a run: it has neither record.json nor "
                            "events.ndjson",
                            directory));
  }
  auto record = run::read_journal(directory);
  if (record && !record->complete) {
    judge_killed(directory, *record);
  }
  return record;
}

}  // namespace squall::app
