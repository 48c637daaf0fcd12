#include "loadgen/app/baseline.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "loadgen/app/recorded_run.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/version.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/model/baseline_plan.hpp"
#include "loadgen/run/record_identity.hpp"
#include "reports/compare/comparable.hpp"
#include "reports/compare/compare_runs.hpp"

namespace squall::app {
namespace {

namespace fs = std::filesystem;

std::string directory_of(const model::Plan& plan, const BaselineOptions& options) {
  if (!options.directory.empty() || plan.baseline == nullptr || plan.baseline->directory.empty()) {
    return options.directory;
  }
  const fs::path named = plan.baseline->directory;
  return named.is_absolute() ? named.string() : (fs::path(plan_folder(plan.file)) / named).string();
}

std::string record_path(const std::string& directory) {
  return (fs::path(directory) / "record.json").string();
}

// Why the plan's runs cannot be held against that record; empty when they can.
std::string mismatch(const model::Plan& plan, const model::RunRecord& record) {
  const model::RunRecord coming = run::identity_of(plan, std::string(kVersion), "", "");
  std::string text;
  for (const std::string& problem : reports::why_not_comparable(record, coming)) {
    text += (text.empty() ? "" : "; ") + problem;
  }
  return text;
}

Result<std::shared_ptr<const model::RunRecord>> read_record(const model::Plan& plan,
                                                            const std::string& path) {
  auto record = read_record_file(path);
  if (!record) {
    return fail(with_context(record.error(), "the baseline"));
  }
  if (const std::string problem = mismatch(plan, *record); !problem.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the baseline {} is of something else: {} (base: the baseline, "
                            "candidate: this plan); --update-baseline replaces it",
                            path, problem));
  }
  return std::make_shared<const model::RunRecord>(std::move(*record));
}

bool is_worth_keeping(const model::RunRecord& record) {
  return record.exit_code == model::ExitCode::kPass && record.verdict == model::Verdict::kPass &&
         record.complete && !record.interrupted && record.breaches.empty();
}

}  // namespace

Result<std::optional<Baseline>> open_baseline(const model::Plan& plan,
                                              const BaselineOptions& options) {
  Baseline baseline;
  baseline.directory = directory_of(plan, options);
  if (baseline.directory.empty()) {
    return options.update
               ? fail(ErrorCode::kInvalidArgument,
                      "--update-baseline needs to know which: name its directory with --baseline "
                      "DIR, or in the plan's [baseline]")
               : Result<std::optional<Baseline>>(std::nullopt);
  }
  std::error_code none;
  if (fs::exists(baseline.directory, none) && !fs::is_directory(baseline.directory, none)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the baseline {} is not a directory: name the one that holds its "
                            "record.json",
                            baseline.directory));
  }
  if (plan.baseline != nullptr) {
    baseline.settings = plan.baseline->settings;
  }
  const std::string path = record_path(baseline.directory);
  if (!options.update && fs::exists(path, none)) {
    auto record = read_record(plan, path);
    if (!record) {
      return fail(record.error());
    }
    baseline.record = std::move(*record);
  }
  return baseline;
}

void compare_with(const Baseline& baseline, const std::string& directory,
                  model::RunRecord& record) {
  if (baseline.record != nullptr) {
    record.comparison = std::make_shared<const model::ComparisonReport>(
        reports::compare_runs(*baseline.record, record, baseline.settings,
                              {.base = baseline.directory, .candidate = directory}));
  }
}

Result<std::string> keep_as_baseline(const Baseline& baseline, const model::RunRecord& record) {
  if (baseline.record != nullptr) {
    return std::string();
  }
  if (!is_worth_keeping(record)) {
    return fmt::format("this run did not pass, so it does not become the baseline in {}",
                       printable(baseline.directory, 500));
  }
  std::error_code error;
  fs::create_directories(baseline.directory, error);
  if (error) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot make {}: {}", baseline.directory, error.message()));
  }
  if (auto written = write_file(record_path(baseline.directory), model::to_json(record));
      !written) {
    return fail(written.error());
  }
  return fmt::format("this run is now the baseline: {}",
                     printable(record_path(baseline.directory), 500));
}

}  // namespace squall::app
