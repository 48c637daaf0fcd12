#include "loadgen/run/effect_merge.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/run/common_start.hpp"
#include "loadgen/run/shard_text.hpp"

namespace squall::run {
namespace {

using model::EffectCounts;
using model::EffectReport;
using model::OracleReport;

// As one process shows of its own.
constexpr std::size_t kCasesPerVerdict = 10;
constexpr std::size_t kDisagreements = 20;

template <std::size_t N>
void add_each(std::array<std::uint64_t, N>& into, const std::array<std::uint64_t, N>& from) {
  std::transform(into.begin(), into.end(), from.begin(), into.begin(), std::plus<>());
}

void add_counts(std::vector<EffectCounts>& all, const EffectCounts& one) {
  const auto same = std::find_if(all.begin(), all.end(),
                                 [&](const EffectCounts& known) { return known.step == one.step; });
  if (same == all.end()) {
    all.push_back(one);
    return;
  }
  same->operations += one.operations;
  same->effects += one.effects;
  add_each(same->outcomes, one.outcomes);
  add_each(same->verdicts, one.verdicts);
}

void add_origin(std::vector<model::EffectOrigin>& all, const model::EffectOrigin& one) {
  const auto same = std::find_if(all.begin(), all.end(), [&](const model::EffectOrigin& known) {
    return known.step == one.step && known.verdict == one.verdict && known.faults == one.faults &&
           known.retried == one.retried;
  });
  if (same == all.end()) {
    all.push_back(one);
  } else {
    same->operations += one.operations;
  }
}

// The first few of each verdict, by (step, arrival), as if one process had found them.
std::vector<model::EffectCase> first_cases(std::vector<model::EffectCase> all) {
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.operation.step, a.operation.arrival, a.operation.visit) <
           std::tie(b.operation.step, b.operation.arrival, b.operation.visit);
  });
  std::array<std::size_t, model::kEffectVerdictCount> taken{};
  std::vector<model::EffectCase> first;
  for (model::EffectCase& one : all) {
    if (taken[static_cast<std::size_t>(one.verdict)]++ < kCasesPerVerdict) {
      first.push_back(std::move(one));
    }
  }
  return first;
}

std::string tagged(const model::Shard& shard, const std::string& text) {
  return text.empty() ? "" : fmt::format("shard {}: {}", to_string(shard), text);
}

// A sum is everybody's: the last reading before the load, which has seen all preflights, and the
// last one after it. Counts by key are of the shard's own keys.
void add_oracle(std::vector<OracleReport>& all, const OracleReport& one,
                const model::Shard& shard) {
  const auto same = std::find_if(all.begin(), all.end(),
                                 [&](const OracleReport& known) { return known.name == one.name; });
  if (same == all.end()) {
    all.push_back(one);
    all.back().problem = tagged(shard, one.problem);
    return;
  }
  const auto joined = [&](std::uint64_t a, std::uint64_t b) {
    return one.total_only ? std::max(a, b) : a + b;
  };
  same->baseline = joined(same->baseline, one.baseline);
  same->settled = joined(same->settled, one.settled);
  same->settle_time = std::max(same->settle_time, one.settle_time);
  same->stable = same->stable && one.stable;
  if (same->problem.empty()) {
    same->problem = tagged(shard, one.problem);
  }
}

bool began_late(const ShardRun& shard) {
  const auto& events = shard.record.events;
  return std::any_of(events.begin(), events.end(),
                     [](const model::RunEvent& event) { return event.kind == kLateEvent; });
}

}  // namespace

EffectMerge::EffectMerge(const std::vector<ShardRun>& shards,
                         const std::vector<effects::ForeignKeys>& foreign)
    : shards_(shards), operations_(shards.size()) {
  for (const effects::ForeignKeys& one : foreign) {
    for (const effects::ForeignEffect& effect : one.effects) {
      std::uint64_t& most = unclaimed_[effect.oracle][effect.key];
      most = std::max(most, effect.effects);
    }
  }
  for (const effects::ForeignKeys& one : foreign) {
    for (const std::string& key : one.tried) {
      for (auto& [oracle, keys] : unclaimed_) {
        keys.erase(key);
      }
    }
  }
}

void EffectMerge::add(std::size_t shard, const LedgerEntry& entry) {
  const auto* operation = std::get_if<model::EffectOperation>(&entry);
  if (operation == nullptr) {
    return;
  }
  ++operations_[shard];
  for (auto& [oracle, keys] : unclaimed_) {
    if (const auto found = keys.find(operation->key); found != keys.end()) {
      keys.erase(found);
    }
  }
  const model::RunRecord& record = shards_[shard].record;
  if (!record.effects.counted) {
    EffectCounts one;
    one.step = record.steps.at(operation->step).name;
    one.operations = 1;
    one.outcomes[static_cast<std::size_t>(operation->outcome)] = 1;
    one.verdicts[static_cast<std::size_t>(model::EffectVerdict::kUndecided)] = 1;
    add_counts(uncounted_, one);
  }
}

Result<void> EffectMerge::check_ledgers() const {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const model::RunRecord& record = shards_[i].record;
    if (!record.complete || !record.effects.counted) {
      continue;
    }
    std::uint64_t counted = 0;
    for (const EffectCounts& counts : record.effects.steps) {
      counted += counts.operations;
    }
    if (counted != operations_[i]) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("{0}/ledger.ndjson has {1} operations and {0}/record.json {2}: they "
                              "are not of one run, or not whole",
                              printable(shards_[i].directory, 500), operations_[i], counted));
    }
  }
  return {};
}

bool EffectMerge::everyone_counted() const {
  return shards_.size() == shards_.front().record.shard.count &&
         std::all_of(shards_.begin(), shards_.end(), [](const ShardRun& shard) {
           return shard.record.complete && shard.record.effects.counted;
         });
}

void EffectMerge::add_uncounted(EffectReport& report) const {
  if (!report.counted) {
    return;
  }
  for (const EffectCounts& one : uncounted_) {
    add_counts(report.steps, one);
  }
  for (const ShardRun& shard : shards_) {
    if (shard.record.effects.counted) {
      continue;
    }
    for (OracleReport& oracle : report.oracles) {
      if (oracle.problem.empty()) {
        oracle.problem = tagged(shard.record.shard, "it ended before effects were counted");
      }
    }
  }
}

// Whose an effect is that some shard did not ask for is known only when all shards are there.
void EffectMerge::add_oracles(EffectReport& report) const {
  if (!everyone_counted()) {
    return;
  }
  for (OracleReport& oracle : report.oracles) {
    const auto found = unclaimed_.find(oracle.name);
    if (found != unclaimed_.end()) {
      for (const auto& [key, effects] : found->second) {
        oracle.unattributed += effects;
      }
    }
  }
}

// As of one process: effects make a total larger and never smaller.
void EffectMerge::conclude_from_totals(EffectReport& report) const {
  if (report.oracles.empty() || !everyone_counted() ||
      std::any_of(shards_.begin(), shards_.end(), began_late)) {
    return;
  }
  std::uint64_t operations = 0;
  std::uint64_t acked = 0;
  std::uint64_t by_key = report.oracles.front().unattributed;
  for (const EffectCounts& counts : report.steps) {
    operations += counts.operations;
    acked += counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
    by_key += counts.effects;
  }
  for (const OracleReport& oracle : report.oracles) {
    if (!oracle.total_only || !oracle.problem.empty()) {
      continue;
    }
    const std::uint64_t total = oracle.settled - std::min(oracle.settled, oracle.baseline);
    const OracleReport& first = report.oracles.front();
    if (&oracle == &first) {
      report.surely_lost = oracle.stable && acked > total ? acked - total : 0;
      report.surely_duplicate = total > operations ? 1 : 0;
    } else if (!first.total_only && first.problem.empty() && total != by_key) {
      ++report.disagreement_count;
      report.disagreements.insert(report.disagreements.begin(),
                                  fmt::format("all keys together: {} counts {}, {} counts {}",
                                              first.name, by_key, oracle.name, total));
    }
  }
}

EffectReport EffectMerge::report() const {
  EffectReport report;
  std::vector<model::EffectCase> cases;
  for (const ShardRun& shard : shards_) {
    const EffectReport& one = shard.record.effects;
    report.counted = report.counted || one.counted;
    for (const EffectCounts& counts : one.steps) {
      add_counts(report.steps, counts);
    }
    for (const OracleReport& oracle : one.oracles) {
      add_oracle(report.oracles, oracle, shard.record.shard);
    }
    report.disagreement_count += one.disagreement_count;
    for (const std::string& text : one.disagreements) {
      if (report.disagreements.size() < kDisagreements) {
        report.disagreements.push_back(text);
      }
    }
    cases.insert(cases.end(), one.cases.begin(), one.cases.end());
    for (const model::EffectOrigin& origin : one.origins) {
      add_origin(report.origins, origin);
    }
  }
  report.cases = first_cases(std::move(cases));
  add_uncounted(report);
  add_oracles(report);
  conclude_from_totals(report);
  return report;
}

}  // namespace squall::run
