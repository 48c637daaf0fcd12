// Joins the records of shards to the one of their run. Histograms, counters, digest and cells are
// added up, so nothing is lost; effects and the ledger are joined by effect_merge.hpp and
// ledger_merge.hpp.
#pragma once

#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::run {

// What one shard left.
struct ShardRun {
  std::string directory;
  model::RunRecord record;
  std::string plan_text;  // its plan.toml
};

enum class MissingShards { kRefused, kTold };

// Takes the shards of one run one after the other, so that only the sum of their measurements is in
// memory. One thread.
class ShardMerge {
 public:
  // Adds a shard. kInvalidArgument, with the two directories and what differs, unless it is one of
  // the same plan, seed, run id and version as those before, and another one than those.
  [[nodiscard]] Result<void> add(ShardRun shard);
  // When all were added. kInvalidArgument when none was, and for those that are missing, unless
  // they may be.
  [[nodiscard]] Result<void> finish(MissingShards missing);

  // After finish(): the run's record, without effects and not judged. Events and breaches tell
  // whose they are; what is missing, and shards that did not start together, are breaches.
  [[nodiscard]] model::RunRecord& record() { return total_; }
  // After finish(): the shards in order, without what was added up.
  [[nodiscard]] const std::vector<ShardRun>& shards() const { return shards_; }

 private:
  [[nodiscard]] std::vector<std::string> missing() const;
  void describe_whole();
  void tell_missing();
  void tell_killed();
  void tell_spread();

  std::vector<ShardRun> shards_;
  model::RunRecord total_;
  std::vector<model::RunEvent> phases_;  // of the shard that measured longest so far
};

}  // namespace squall::run
