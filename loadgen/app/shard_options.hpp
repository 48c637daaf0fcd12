// --shard and --start-at: one process of several that share a run.
#pragma once

#include <string>

#include "loadgen/app/plan_options.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

// As typed; empty: not.
struct ShardOptions {
  std::string shard;
  std::string start_at;
};

void add_shard_options(CLI::App& command, ShardOptions& options, const std::string& group);

// Writes into `plan` which part it is of, when it starts and the run id that all shards have: the
// one typed, or the launcher's name for this launch. What the launcher said is told on stderr.
// Does nothing without the options. kInvalidArgument when they make no sense or the launcher says
// too little.
[[nodiscard]] Result<void> settle_shard(const ShardOptions& options, PlanOptions& plan);

// The command that repeats the whole run, from the one that a shard's record holds.
[[nodiscard]] std::string whole_command(std::string_view shard_command);

}  // namespace squall::app
