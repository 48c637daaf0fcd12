// Joins what shards know of effects. Each has judged its own keys; sums and effects that nobody
// asked for are judged here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loadgen/effects/shard_effects.hpp"
#include "loadgen/run/ledger_line.hpp"
#include "loadgen/run/shard_merge.hpp"

namespace squall::run {

// One use: ledger entries as they come, then the report. Borrows the shards.
class EffectMerge {
 public:
  // `foreign`: what each shard left, parallel to the shards; nothing of one that was killed.
  EffectMerge(const std::vector<ShardRun>& shards,
              const std::vector<effects::ForeignKeys>& foreign);

  // A line of the ledger of all, as LedgerVisitor.
  void add(std::size_t shard, const LedgerEntry& entry);
  // After the last line: kMalformed when the ledger of a shard has not as many operations as it
  // counted, so that some of its effects would be nobody's.
  [[nodiscard]] Result<void> check_ledgers() const;
  // Operations of a shard that was killed before it counted are undecided, when others counted.
  [[nodiscard]] model::EffectReport report() const;

 private:
  [[nodiscard]] bool everyone_counted() const;
  void add_uncounted(model::EffectReport& report) const;
  void add_oracles(model::EffectReport& report) const;
  void conclude_from_totals(model::EffectReport& report) const;

  const std::vector<ShardRun>& shards_;
  // By oracle: effects under keys that nobody is known to have asked for.
  std::map<std::string, std::map<std::string, std::uint64_t, std::less<>>> unclaimed_;
  std::vector<model::EffectCounts> uncounted_;  // by step
  std::vector<std::uint64_t> operations_;       // in the ledger, by shard
};

}  // namespace squall::run
