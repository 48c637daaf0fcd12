#include "loadgen/app/recorded_run.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/app/registries.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/run/journal.hpp"
#include "reports/checks/verdict.hpp"

namespace squall::app {

Result<model::RunRecord> read_recorded_run(const std::string& directory) {
  std::error_code error;
  const std::string path = directory + "/record.json";
  if (std::filesystem::exists(path, error)) {
    auto text = read_file(path);
    if (!text) {
      return fail(text.error());
    }
    auto record = model::record_from_json(*text);
    return record ? std::move(record) : fail(with_context(record.error(), path));
  }
  if (!std::filesystem::exists(directory + "/events.ndjson", error)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} is not the directory of a run: it has neither record.json nor "
                            "events.ndjson",
                            directory));
  }
  auto record = run::read_journal(directory);
  if (record) {
    reports::judge(*record, {}, registries().detectors);
  }
  return record;
}

}  // namespace squall::app
