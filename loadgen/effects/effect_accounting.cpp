#include "loadgen/effects/effect_accounting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "loadgen/base/text.hpp"
#include "loadgen/effects/effect_page.hpp"
#include "loadgen/effects/origins.hpp"
#include "loadgen/effects/planned_keys.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;

constexpr std::string_view kTotalOnly =
    "the oracle tells how many effects there were in all, not whose";

std::uint64_t count_of(const OracleReading& reading, std::string_view key) {
  const auto found = reading.counts.find(key);
  return found == reading.counts.end() ? 0 : found->second;
}

// New effects under a key; nothing when a reading could not tell. Fewer than before counts as none:
// effects can be cleaned up, but they cannot be undone by this run.
std::optional<std::uint64_t> new_effects(const OracleReading& before, const OracleReading& after,
                                         std::string_view key) {
  if (before.undecided.contains(key) || after.undecided.contains(key)) {
    return std::nullopt;
  }
  const std::uint64_t old_count = count_of(before, key);
  const std::uint64_t count = count_of(after, key);
  return count > old_count ? count - old_count : 0;
}

// All effects together that came between the readings; nothing when that is not known.
std::optional<std::uint64_t> new_total(const OracleReading& before, const OracleReading& after) {
  const bool by_key = !after.total;
  if (by_key && (!before.undecided.empty() || !after.undecided.empty())) {
    return std::nullopt;
  }
  if (!by_key) {
    const std::uint64_t old_total = before.total.value_or(0);
    return *after.total > old_total ? *after.total - old_total : 0;
  }
  std::uint64_t total = 0;
  for (const auto& [key, count] : after.counts) {
    total = add_counts(total, new_effects(before, after, key).value_or(0));
  }
  return total;
}

std::uint64_t unattributed_effects(const OracleReading& before, const OracleReading& after,
                                   const std::set<std::string_view>& asked) {
  std::uint64_t total = 0;
  for (const auto& [key, count] : after.counts) {
    if (!asked.contains(key)) {
      total = add_counts(total, new_effects(before, after, key).value_or(0));
    }
  }
  return total;
}

// Why the answers about keys that nobody has used yet are no baseline; empty when they are one.
std::string problem_of(const OracleReading& before, const std::vector<std::string>& unused) {
  if (!before.undecided.empty()) {
    return fmt::format("{} keys undecided: {}", before.undecided.size(), before.undecided_reason);
  }
  const auto used = std::count_if(unused.begin(), unused.end(), [&](const std::string& key) {
    return count_of(before, key) > 0;
  });
  return used == 0 ? ""
                   : fmt::format(
                         "{} of {} keys of this run have effects already: its run id was "
                         "used before (take another --run-id, or none), or `effect` names "
                         "keys that other runs use too",
                         used, unused.size());
}

std::vector<std::string> with_tried(std::span<const std::string> keys,
                                    const std::vector<TriedEffect>& tried) {
  std::vector<std::string> all(keys.begin(), keys.end());
  for (const TriedEffect& one : tried) {
    all.push_back(one.key);
  }
  return all;
}

ReadingDoubt doubt_of(const model::Oracle& oracle) {
  const auto* teller = dynamic_cast<const TellsDoubt*>(&oracle);
  return teller == nullptr ? ReadingDoubt() : teller->doubt();
}

// A reading of an oracle that did not answer.
OracleReading nothing_known(const model::Ledger& ledger, const std::string& reason) {
  OracleReading reading;
  for (const model::EffectOperation& operation : ledger.operations()) {
    reading.undecided.insert(operation.key);
  }
  reading.undecided_reason = reason;
  return reading;
}

std::vector<model::EffectAttempt> timeline_of(const model::EffectOperation& operation,
                                              const std::vector<model::EffectAttempt>& attempts) {
  std::vector<model::EffectAttempt> result;
  std::copy_if(attempts.begin(), attempts.end(), std::back_inserter(result),
               [&operation](const model::EffectAttempt& attempt) {
                 return attempt.step == operation.step && attempt.arrival == operation.arrival &&
                        attempt.visit == operation.visit;
               });
  std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first_byte, a.attempt, a.copy) < std::tie(b.first_byte, b.attempt, b.copy);
  });
  return result;
}

}  // namespace

EffectAccounting::EffectAccounting(const model::Plan& plan, Options options)
    : plan_(plan), options_(std::move(options)) {
  if (!options_.environment) {
    options_.environment = process_environment;
  }
  for (const model::OracleSpec& spec : plan.effects.oracles) {
    accounts_.emplace_back(spec);
  }
}

Result<void> EffectAccounting::start(const model::OracleContext& context) {
  for (const Account& account : accounts_) {
    if (Result<void> started = account.spec->oracle->start(context); !started) {
      Error error = with_context(started.error(), "oracle " + account.spec->name);
      error.message = model::redact(error.message, plan_.secrets);
      return fail(std::move(error));
    }
  }
  return {};
}

Result<void> EffectAccounting::baseline(const Clock& clock, const Wait& wait,
                                        const SettleProgress& progress,
                                        std::span<const std::string> known_keys) {
  SettleOptions options;
  options.timeout = options_.baseline_timeout;
  options.malformed_is_final = true;
  options.read_budget = std::min(options_.read_budget, options_.baseline_timeout);
  const std::vector<std::string> sample =
      known_keys.empty() ? sample_of_keys(plan_) : std::vector<std::string>();
  const std::vector<std::string> asked =
      with_tried(known_keys.empty() ? sample : known_keys, tried_);
  for (Account& account : accounts_) {
    const bool by_key = account.spec->oracle->counts_asked_keys_only();
    // A late effect of the preflight cannot be told from one of the load: the total has to rest.
    options.apart = account.total_only() && !tried_.empty() ? plan_.effects.settle : Duration();
    Settled settled = squall::effects::settle(
        *account.spec->oracle, by_key ? std::span(asked) : std::span<const std::string>(), options,
        clock, wait, progress);
    if (by_key && settled.problem.empty()) {
      settled.problem = problem_of(settled.reading, sample);
    }
    account.baseline = std::move(settled.reading);
    account.has_baseline = settled.problem.empty();
    account.problem = account.has_baseline ? "it was not asked after the load"
                                           : "before the load: " + settled.problem;
    await_tried(account, by_key ? std::span(asked) : std::span<const std::string>(), options, clock,
                wait);
  }
  if (!accounts_.empty() && !accounts_.front().has_baseline) {
    return fail(ErrorCode::kUnavailable,
                "oracle " + accounts_.front().spec->name + " cannot count effects " +
                    model::redact(accounts_.front().problem, plan_.secrets));
  }
  return {};
}

// Effects of the preflight may come a moment after its answers: they are given the plan's `settle`
// to get into the baseline.
void EffectAccounting::await_tried(Account& account, std::span<const std::string> asked,
                                   const SettleOptions& options, const Clock& clock,
                                   const Wait& wait) const {
  const TimePoint until = clock.now() + std::min(plan_.effects.settle, options.timeout);
  while (account.has_baseline && !account.total_only() &&
         first_unseen(tried_, account.baseline) != nullptr && clock.now() < until &&
         wait(std::min(options.retry_after, until - clock.now()))) {
    if (auto later = account.spec->oracle->read(asked, options.read_budget);
        later && later->undecided.empty()) {
      account.baseline = std::move(*later);
    }
  }
}

std::uint64_t EffectAccounting::effects_before(std::string_view key) const {
  return accounts_.empty() ? 0 : count_of(accounts_.front().baseline, key);
}

std::string EffectAccounting::unseen_in_baseline() const {
  const bool tells =
      !accounts_.empty() && accounts_.front().has_baseline && !accounts_.front().total_only();
  const TriedEffect* unseen = !tells ? nullptr : first_unseen(tried_, accounts_.front().baseline);
  if (unseen == nullptr) {
    return {};
  }
  const Account& first = accounts_.front();
  const ReadingDoubt doubt = doubt_of(*first.spec->oracle);
  return model::redact(
      fmt::format("oracle {} does not show yet what the preflight's {} did, though it was "
                  "acknowledged (key {}){}{}",
                  first.spec->name, plan_.steps[unseen->step].full_name, printable(unseen->key),
                  doubt.remark.empty() ? "" : "; ", doubt.remark),
      plan_.secrets);
}

void EffectAccounting::settle(std::span<const std::string> keys, const Clock& clock,
                              const Wait& wait, const SettleProgress& progress,
                              const std::function<bool()>& hopeless) {
  SettleOptions options;
  options.hopeless = hopeless;
  options.apart = plan_.effects.settle;
  options.timeout = plan_.effects.settle_timeout;
  options.read_budget = options_.read_budget;
  const std::vector<std::string> asked = with_tried(keys, tried_);
  if (!plan_.load.shard.is_whole()) {
    options.agree = [own = KeySet(asked.begin(), asked.end())](const auto& a, const auto& b) {
      return equal_in(a, b, own);
    };
  }
  for (Account& account : accounts_) {
    if (!account.has_baseline) {
      continue;  // without a baseline nothing that it says now can be used
    }
    const bool by_key = account.spec->oracle->counts_asked_keys_only();
    const std::span<const std::string> of_account = account.total_only()
                                                        ? std::span<const std::string>()
                                                    : by_key ? asked
                                                             : keys;
    Settled settled =
        squall::effects::settle(*account.spec->oracle, of_account, options, clock, wait, progress);
    account.doubt = doubt_of(*account.spec->oracle);
    account.settled = std::move(settled.reading);
    account.settle_time = settled.took;
    account.stable = settled.stable;
    account.problem = settled.problem.empty() ? "" : "after the load: " + settled.problem;
  }
}

model::OracleReport EffectAccounting::oracle_report(const Account& account,
                                                    const OracleReading& settled,
                                                    const std::set<std::string_view>& asked) const {
  const bool whole = plan_.load.shard.is_whole();
  model::OracleReport report;
  report.name = account.spec->name;
  report.kind = account.spec->kind == nullptr ? "" : std::string(account.spec->kind->name);
  report.baseline = total_effects(whole ? account.baseline : only(account.baseline, asked));
  report.settled = total_effects(whole ? account.settled : only(account.settled, asked));
  report.settle_time = account.settle_time;
  report.stable = account.stable;
  report.total_only = account.total_only();
  report.unattributed = whole ? unattributed_effects(account.baseline, settled, asked) : 0;
  std::string problem = account.problem;
  for (const OracleReading* reading : {&account.baseline, &settled}) {
    if (problem.empty() && !reading->undecided.empty()) {
      problem = fmt::format("{} keys undecided: {}", reading->undecided.size(),
                            reading->undecided_reason);
    }
  }
  report.problem = model::redact(problem, plan_.secrets);
  return report;
}

void EffectAccounting::compare(const Account& other, const std::set<std::string_view>& asked,
                               model::EffectReport& report) const {
  const Account& first = accounts_.front();
  if (!first.problem.empty() || !other.problem.empty()) {
    return;
  }
  if (first.total_only() || other.total_only()) {
    if (plan_.load.shard.is_whole()) {
      compare_totals(first, other, report);
    }
    return;
  }
  for (const std::string_view key : asked) {
    const auto a = new_effects(first.baseline, first.settled, key);
    const auto b = new_effects(other.baseline, other.settled, key);
    if (!a || !b || *a == *b) {
      continue;
    }
    ++report.disagreement_count;
    if (report.disagreements.size() < options_.disagreements) {
      report.disagreements.push_back(
          model::redact(fmt::format("{}: {} counts {}, {} counts {}", printable(key),
                                    first.spec->name, *a, other.spec->name, *b),
                        plan_.secrets));
    }
  }
}

// Whose effects the difference is cannot be told: it counts as one disagreement.
void EffectAccounting::compare_totals(const Account& first, const Account& other,
                                      model::EffectReport& report) const {
  const auto a = new_total(first.baseline, first.settled);
  const auto b = new_total(other.baseline, other.settled);
  if (!a || !b || *a == *b) {
    return;
  }
  ++report.disagreement_count;
  const std::string text = fmt::format("all keys together: {} counts {}, {} counts {}",
                                       first.spec->name, *a, other.spec->name, *b);
  report.disagreements.insert(report.disagreements.begin(), model::redact(text, plan_.secrets));
}

// Effects make a total larger and never smaller: with fewer than acknowledged operations the rest
// is lost, with more than operations at least one has two.
void EffectAccounting::conclude_from_total(const Account& first, const model::Ledger& ledger,
                                           model::EffectReport& report) {
  const std::uint64_t total = new_total(first.baseline, first.settled).value_or(0);
  const auto& operations = ledger.operations();
  const auto acked = static_cast<std::uint64_t>(std::count_if(
      operations.begin(), operations.end(),
      [](const auto& operation) { return operation.outcome == model::OperationOutcome::kAcked; }));
  report.surely_lost = first.stable && acked > total ? acked - total : 0;
  report.surely_duplicate = total > operations.size() ? 1 : 0;
}

std::vector<model::EffectCase> EffectAccounting::first_cases(
    const model::Judgement& judgement) const {
  std::array<std::size_t, model::kEffectVerdictCount> taken{};
  std::vector<model::EffectCase> cases;
  for (const model::JudgedOperation& judged : judgement.wrong) {
    if (taken[static_cast<std::size_t>(judged.verdict)]++ >= options_.cases_per_verdict) {
      continue;
    }
    model::EffectCase one;
    one.verdict = judged.verdict;
    one.operation = judged.operation;
    one.effects = judged.effects;
    cases.push_back(std::move(one));
  }
  return cases;
}

std::vector<model::EffectAttempt> EffectAccounting::attempts_of_wrong(
    const model::Judgement& judgement, const std::vector<model::EffectCase>& cases,
    const FetchAttempts& fetch) const {
  std::set<std::string> keys;
  for (const model::EffectCase& one : cases) {
    keys.insert(one.operation.key);
  }
  for (const model::JudgedOperation& judged : judgement.wrong) {
    if (judged.verdict != model::EffectVerdict::kUndecided && keys.size() < options_.explained) {
      keys.insert(judged.operation.key);
    }
  }
  return fetch && !keys.empty() ? fetch(keys) : std::vector<model::EffectAttempt>();
}

void EffectAccounting::tell_history(WallTime zero,
                                    const std::vector<model::EffectAttempt>& attempts,
                                    std::vector<model::EffectCase>& cases) const {
  const SecretNames secrets = secret_names(plan_, options_.environment);
  for (model::EffectCase& one : cases) {
    one.timeline = timeline_of(one.operation, attempts);
    for (model::EffectAttempt& attempt : one.timeline) {
      attempt.detail = model::redact(attempt.detail, plan_.secrets);
    }
    CurlRequest request;
    request.arrival = one.operation.arrival;
    request.visit = one.operation.visit;
    request.caller = one.timeline.empty() ? "" : one.timeline.front().caller;
    request.now = zero + (one.timeline.empty() ? Duration::zero() : one.timeline.front().intended);
    request.sent = one.verdict == model::EffectVerdict::kDuplicate ? one.operation.attempts : 1;
    one.curl = curl_lines(plan_, plan_.steps[one.operation.step], request, secrets);
    if (!plan_.services.empty()) {
      one.curl.insert(
          0, "# the run's services have ended: start them on these ports first, or replay\n");
    }
  }
}

KeySet EffectAccounting::own_keys(const model::Ledger& ledger) const {
  KeySet keys;
  for (const model::EffectOperation& operation : ledger.operations()) {
    keys.insert(operation.key);
  }
  for (const TriedEffect& one : tried_) {
    keys.insert(one.key);
  }
  return keys;
}

ForeignKeys EffectAccounting::foreign_keys(const model::Ledger& ledger) const {
  const KeySet own = own_keys(ledger);
  ForeignKeys foreign;
  for (const TriedEffect& one : tried_) {
    foreign.tried.push_back(one.key);
  }
  for (const Account& account : accounts_) {
    for (const auto& [key, count] : account.settled.counts) {
      const auto effects =
          own.contains(key) ? std::nullopt : new_effects(account.baseline, account.settled, key);
      if (effects.value_or(0) > 0) {
        foreign.effects.push_back({account.spec->name, key, *effects});
      }
    }
  }
  return foreign;
}

model::EffectReport EffectAccounting::report(const model::Ledger& ledger, WallTime zero,
                                             const FetchAttempts& fetch) const {
  model::EffectReport report;
  report.counted = plan_.counts_effects();
  KeySet asked;
  for (const model::EffectOperation& operation : ledger.operations()) {
    asked.insert(operation.key);
  }
  const Account* first = accounts_.empty() ? nullptr : &accounts_.front();
  const bool has_total = first != nullptr && first->problem.empty() && first->total_only();
  const bool answered = first != nullptr && first->problem.empty() && !has_total;
  const std::string why = first == nullptr ? "the plan names no oracle"
                          : has_total      ? std::string(kTotalOnly)
                                           : first->problem;
  if (has_total && plan_.load.shard.is_whole()) {
    conclude_from_total(*first, ledger, report);
  }
  const std::optional<OracleReading> doubted =
      answered ? without_blind_spots(plan_, ledger, tried_,
                                     {first->baseline, first->settled, first->doubt})
               : std::nullopt;
  const model::Judgement judgement =
      answered ? ledger.judge(first->baseline, doubted ? *doubted : first->settled)
               : ledger.judge(OracleReading(), nothing_known(ledger, why));
  for (const model::Step& step : plan_.steps) {
    if (!step.is_effect || step.index >= judgement.steps.size()) {
      continue;
    }
    const model::Judgement::StepTotals& totals = judgement.steps[step.index];
    model::EffectCounts counts;
    counts.step = step.full_name;
    counts.operations = totals.operations;
    counts.outcomes = totals.outcomes;
    counts.verdicts = totals.verdicts;
    counts.effects = totals.effects;
    report.steps.push_back(std::move(counts));
  }
  for (const Account& account : accounts_) {
    if (&account != first) {
      compare(account, asked, report);
    }
  }
  asked = own_keys(ledger);  // a late effect of the preflight is nobody else's
  for (const Account& account : accounts_) {
    const bool doubtful = &account == first && doubted;
    report.oracles.push_back(oracle_report(account, doubtful ? *doubted : account.settled, asked));
  }
  report.cases = first_cases(judgement);
  const auto attempts = attempts_of_wrong(judgement, report.cases, fetch);
  tell_history(zero, attempts, report.cases);
  report.origins = origins_of(plan_, judgement, attempts);
  return report;
}

}  // namespace squall::effects
