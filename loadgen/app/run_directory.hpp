// Where a run leaves its files (DESIGN §7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/report_format.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

// "checkout-20261120T164501Z-7": what a run directory is called below squall-runs.
[[nodiscard]] std::string run_directory_name(std::string_view plan_name, WallTime now,
                                             std::uint64_t seed);

// Where the relative paths of a plan in that file start; "" is the working directory.
[[nodiscard]] std::string plan_folder(const std::string& plan_file);

// Makes a new directory below squall-runs: of that name, or with a number behind it when there is
// one already. kIo with the path in the message.
[[nodiscard]] Result<std::string> make_fresh_directory(const std::string& name);

// Makes the directory of a run: `wanted` when given (must be new or empty), else a fresh one below
// squall-runs. kIo or kInvalidArgument with the path in the message.
[[nodiscard]] Result<std::string> make_run_directory(const std::string& wanted,
                                                     const model::Plan& plan, WallTime now);

// Where a shard leaves its files, so that all shards can be told the same: "shard-2-of-8" below
// `wanted`, or below squall-runs/PLAN-RUNID when that is empty.
[[nodiscard]] std::string shard_directory(const std::string& wanted, const model::Plan& plan);

// Writes a whole file, replacing it only when all of it is there; the file that a symbolic link
// names, not the link. What is not a file (a device, a pipe) is written to as it is.
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view content);
[[nodiscard]] Result<std::string> read_file(const std::string& path);

// Writes every report format that has a file name, a page per finding, the reproducers of
// properties and the profile that was learnt. Goes on after a failure and returns the first.
[[nodiscard]] Result<void> write_reports(const std::string& directory,
                                         const model::RunRecord& record,
                                         const model::FormatRegistry& formats);

}  // namespace squall::app
