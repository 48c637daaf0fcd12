// Keeps the books of effects for a run: asks the plan's oracles before and after the load and turns
// the ledger into the report of what each operation really did.
//
//   start() ─► baseline() ─► … load … ─► settle() ─► report()
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/effects/blind_oracle.hpp"
#include "loadgen/effects/curl_line.hpp"
#include "loadgen/effects/settle.hpp"
#include "loadgen/effects/shard_effects.hpp"
#include "loadgen/model/ledger.hpp"
#include "loadgen/model/oracle.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::effects {

// Attempts of the operations under those keys, in any order: they are on disk, so only the wanted
// ones are fetched.
using FetchAttempts =
    std::function<std::vector<model::EffectAttempt>(const std::set<std::string>& keys)>;

// Borrows the plan and through it the oracles; must not outlive it. The run's thread only.
//
// The verdict comes from the plan's first oracle; others are compared with it. An oracle that
// cannot answer leaves every operation undecided, which makes the run invalid: nothing here turns
// "not known" into "fine". One that knows only a total decides no operation either; what its sum
// proves is told, and compared with the sums of the others.
//
// Of a plan that several shards share it keeps the books of its own keys: rest is when those rest,
// and what is said of oracles is said of those. Effects under other keys are left to whoever joins
// the shards, and so is what a total proves.
class EffectAccounting {
 public:
  struct Options {
    std::size_t cases_per_verdict = 10;
    std::size_t explained = 20'000;  // wrong operations whose attempts are read, to tell how they
                                     // came about; those of a verdict's first cases always are
    std::size_t disagreements = 20;  // shown; all are counted
    Duration baseline_timeout = std::chrono::seconds(10);
    Duration read_budget = std::chrono::seconds(30);
    EnvironmentLookup environment;  // for the names of secrets; empty: of this process
  };
  explicit EffectAccounting(const model::Plan& plan) : EffectAccounting(plan, Options()) {}
  EffectAccounting(const model::Plan& plan, Options options);

  // Opens what the target will call. Before services start. Fails with the first oracle that cannot
  // do its work.
  Result<void> start(const model::OracleContext& context);
  // Reads what is there before the load. Fails when the first oracle does not answer: then nothing
  // can be decided, and the run may end here. Others that fail are noted.
  //
  // An oracle that counts asked keys only is asked for `known_keys`, when all keys that will be
  // used are known (a replay): then its baseline is exact. Without them it is asked for a sample of
  // the run's keys (sample_of_keys), and it fails when one of them has effects already: a run id
  // that was used before, whose other keys' effects would all be taken for new ones. Of a run id
  // that nobody has used no key can have effects, so the sample stands for all.
  Result<void> baseline(const Clock& clock, const Wait& wait, const SettleProgress& progress,
                        std::span<const std::string> known_keys = {});
  // An operation of the preflight that was acknowledged, before the baseline: a first oracle that
  // shows no effect of its step, also after the load, is told from a target that loses effects
  // (blind_oracle.hpp).
  void tried(TriedEffect effect) { tried_.push_back(std::move(effect)); }
  // What the first oracle's baseline does not show of that; empty when it shows it all. An effect
  // may come late, so this is a warning; report() judges.
  [[nodiscard]] std::string unseen_in_baseline() const;
  // Effects under that key which the first oracle's baseline holds already.
  [[nodiscard]] std::uint64_t effects_before(std::string_view key) const;
  // Waits for rest after the load, one oracle after the other. `hopeless`: asked after a reading
  // that failed or left keys undecided, true when no later one can be better.
  void settle(std::span<const std::string> keys, const Clock& clock, const Wait& wait,
              const SettleProgress& progress, const std::function<bool()>& hopeless = {});
  // `zero`: the wall instant of t = 0. Secrets are removed from everything in it.
  [[nodiscard]] model::EffectReport report(const model::Ledger& ledger, WallTime zero,
                                           const FetchAttempts& fetch) const;
  // Of a shard, after settle(): what it cannot judge alone.
  [[nodiscard]] ForeignKeys foreign_keys(const model::Ledger& ledger) const;

 private:
  struct Account {
    explicit Account(const model::OracleSpec& oracle) : spec(&oracle) {}
    [[nodiscard]] bool total_only() const { return spec->oracle->counts_total_only(); }

    const model::OracleSpec* spec;
    bool has_baseline = false;
    model::OracleReading baseline;
    model::OracleReading settled;
    Duration settle_time{};
    ReadingDoubt doubt;  // of the settled reading
    bool stable = false;
    std::string problem = "it was not asked";  // empty once both readings are there
  };

  // `settled`: the account's, or what is left of it without its blind spots.
  [[nodiscard]] model::OracleReport oracle_report(const Account& account,
                                                  const model::OracleReading& settled,
                                                  const std::set<std::string_view>& asked) const;
  void await_tried(Account& account, std::span<const std::string> asked,
                   const SettleOptions& options, const Clock& clock, const Wait& wait) const;
  // Everything that was asked for: the ledger's keys and the preflight's.
  [[nodiscard]] KeySet own_keys(const model::Ledger& ledger) const;
  void compare(const Account& other, const std::set<std::string_view>& asked,
               model::EffectReport& report) const;
  void compare_totals(const Account& first, const Account& other,
                      model::EffectReport& report) const;
  static void conclude_from_total(const Account& first, const model::Ledger& ledger,
                                  model::EffectReport& report);
  [[nodiscard]] std::vector<model::EffectCase> first_cases(const model::Judgement& judgement) const;
  [[nodiscard]] std::vector<model::EffectAttempt> attempts_of_wrong(
      const model::Judgement& judgement, const std::vector<model::EffectCase>& cases,
      const FetchAttempts& fetch) const;
  void tell_history(WallTime zero, const std::vector<model::EffectAttempt>& attempts,
                    std::vector<model::EffectCase>& cases) const;

  const model::Plan& plan_;
  Options options_;
  std::vector<Account> accounts_;
  std::vector<TriedEffect> tried_;
};

}  // namespace squall::effects
