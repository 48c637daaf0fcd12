#include "loadgen/app/merge_run.hpp"

#include <utility>

#include <fmt/core.h>

#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/recorded_run.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/shard_options.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/plan/saved_checks.hpp"
#include "loadgen/run/effect_merge.hpp"
#include "loadgen/run/foreign_keys.hpp"
#include "loadgen/run/journal.hpp"
#include "loadgen/run/ledger_merge.hpp"
#include "reports/checks/verdict.hpp"

namespace squall::app {
namespace {

Result<run::ShardMerge> read_shards(const MergeOptions& options) {
  run::ShardMerge merge;
  for (const std::string& directory : options.directories) {
    auto record = read_recorded_run(directory);
    if (!record) {
      return fail(record.error());
    }
    auto plan = read_file(directory + "/plan.toml");
    if (!plan) {
      return fail(plan.error());
    }
    if (auto added = merge.add(
            {.directory = directory, .record = *std::move(record), .plan_text = *std::move(plan)});
        !added) {
      return fail(added.error());
    }
  }
  if (auto complete = merge.finish(options.missing); !complete) {
    return fail(complete.error());
  }
  return merge;
}

// Of a shard that was killed, or whose plan counts no effects, there is nothing.
Result<std::vector<effects::ForeignKeys>> read_foreign(const std::vector<run::ShardRun>& shards) {
  std::vector<effects::ForeignKeys> all;
  for (const run::ShardRun& shard : shards) {
    auto one = shard.record.effects.counted ? run::read_foreign_keys(shard.directory)
                                            : effects::ForeignKeys();
    if (!one) {
      return fail(one.error());
    }
    all.push_back(*std::move(one));
  }
  return all;
}

// The plan itself says what its faults were to do; where it cannot be loaded any more (a feeder's
// file, a variable of the environment), its checks can.
reports::JudgeInputs inputs_of(const run::ShardRun& shard, model::RunRecord& record) {
  const std::string path = shard.directory + "/plan.toml";
  PlanOptions options;
  options.run_id = shard.record.run_id;
  options.folder = plan_folder(shard.record.plan_file);
  const plan::Loaded loaded =
      plan::load(shard.plan_text, path, registries().for_plans(), load_options(options));
  if (loaded.plan != nullptr) {
    reports::JudgeInputs inputs = reports::judge_inputs(loaded.plan->checks);
    inputs.fault_shares = reports::fault_shares(*loaded.plan);
    return inputs;
  }
  const auto checks = plan::read_saved_checks(shard.plan_text, path, registries().for_plans(),
                                              load_options(options));
  if (checks) {
    return reports::judge_inputs(*checks);
  }
  record.breaches.push_back(
      {.reason = "the plan's checks cannot be read any more: " + to_string(checks.error()),
       .from_second = 0,
       .voids_effects = true});
  return {};
}

// What cannot be written is a reason in the record, and costs no verdict.
void write_judged(const std::string& directory, const std::string& plan_text, run::Journal& journal,
                  model::RunRecord& record) {
  Result<void> first;
  const auto keep = [&](Result<void> written) {
    if (!written && first) {
      first = std::move(written);
    }
  };
  keep(journal.effects(record.effects));
  keep(write_file(directory + "/plan.toml", plan_text));
  keep(write_reports(directory, record, registries().formats));
  if (!first) {
    record.exit_code = model::worse(record.exit_code, model::ExitCode::kNotWritten);
    record.reasons.push_back(to_string(first.error()));
  }
  // Whoever reads the directory finds record.json, or a journal that has no end.
  (void)journal.end(record);
}

// The journal says what the record says, so that the directory is one of a run that ended.
Result<void> write_run(const std::string& directory, const run::ShardMerge& merge,
                       model::RunRecord& record, const MergeOptions& options) {
  const std::vector<run::ShardRun>& shards = merge.shards();
  const auto foreign = read_foreign(shards);
  if (!foreign) {
    return fail(foreign.error());
  }
  auto journal = run::Journal::open(directory, record, {});
  if (!journal) {
    return fail(journal.error());
  }
  std::vector<std::string> directories;
  directories.reserve(shards.size());
  for (const run::ShardRun& shard : shards) {
    directories.push_back(shard.directory);
  }
  run::EffectMerge effects(shards, *foreign);
  if (auto joined = run::merge_ledgers(
          directories, record.steps, directory + "/ledger.ndjson",
          [&](std::size_t shard, const run::LedgerEntry& entry) { effects.add(shard, entry); });
      !joined) {
    return joined;
  }
  if (auto whole = effects.check_ledgers(); !whole) {
    return whole;
  }
  record.effects = effects.report();
  reports::JudgeInputs inputs = inputs_of(shards.front(), record);
  inputs.strict = options.strict;
  reports::judge(record, inputs, registries().detectors);
  write_judged(directory, shards.front().plan_text, **journal, record);
  return {};
}

}  // namespace

Result<MergedRun> merge_runs(const MergeOptions& options) {
  auto merge = read_shards(options);
  if (!merge) {
    return fail(merge.error());
  }
  model::RunRecord record = std::move(merge->record());
  record.command = whole_command(record.command);
  model::Plan named;  // what the name of a directory is made of
  named.name = record.plan_name;
  named.seed = record.seed;
  const auto directory = make_run_directory(options.out, named, wall_clock_now());
  if (!directory) {
    return fail(directory.error());
  }
  if (auto written = write_run(*directory, *merge, record, options); !written) {
    return fail(written.error());
  }
  return MergedRun{std::move(record), *directory};
}

}  // namespace squall::app
