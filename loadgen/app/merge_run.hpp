// Joins the directories of shards to the directory of their run.
#pragma once

#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/shard_merge.hpp"

namespace squall::app {

struct MergeOptions {
  std::vector<std::string> directories;  // of the shards, in any order
  std::string out;                       // new or empty; "": a fresh one below squall-runs
  run::MissingShards missing = run::MissingShards::kRefused;
  bool strict = false;  // as of a run
};

struct MergedRun {
  model::RunRecord record;  // judged by the plan's checks
  std::string directory;
};

// Reads all of them before it writes anything. kInvalidArgument and kNotFound when they are not the
// shards of one run, kMalformed when a file of theirs makes no sense, kIo when the result cannot be
// written.
[[nodiscard]] Result<MergedRun> merge_runs(const MergeOptions& options);

}  // namespace squall::app
