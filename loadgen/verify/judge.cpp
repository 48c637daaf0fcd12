#include "loadgen/verify/judge.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/outcome.hpp"

namespace squall::verify {
namespace {

using model::PropertyHarm;
using model::PropertyResult;
using model::PropertyVerdict;

constexpr std::size_t kCasesKept = 3;
constexpr std::size_t kReasonsShown = 5;
constexpr std::size_t kRequestBytes = 4096;
constexpr std::size_t kAnswerBytes = 400;
constexpr double kRuleOfThree = 3;  // zero of n bounds the rate below 3/n with 95% (Hanley, 1983)

std::string effects_text(std::uint64_t effects) {
  return fmt::format("{} effect{}", effects, effects == 1 ? "" : "s");
}

// Effects of one of what is expected.
std::uint64_t each_of(const Expectation& expectation, std::uint64_t of_operation) {
  return expectation.usual ? expectation.usual->effects : of_operation;
}

void judge_effects(const Expectation& expectation, std::uint64_t of_operation,
                   std::vector<Break>& breaks) {
  if (!expectation.decided) {
    return;
  }
  const std::uint64_t each = each_of(expectation, of_operation);
  const std::uint64_t effects = expectation.effects;
  if (effects > expectation.most * each) {
    breaks.push_back({PropertyHarm::kEffects, expectation.above,
                      fmt::format("{} where at most {} may be", effects_text(effects),
                                  expectation.most * each)});
  } else if (effects < expectation.least * each) {
    breaks.push_back({PropertyHarm::kEffects, expectation.below,
                      fmt::format("{} where at least {} must be", effects_text(effects),
                                  expectation.least * each),
                      true});
  }
}

// The gravest first; what follows from another break behind it.
std::tuple<bool, unsigned> rank_of(const Break& broken) {
  constexpr std::array<PropertyHarm, model::kPropertyHarmCount> kOrder = {
      PropertyHarm::kLeak,  PropertyHarm::kEffects, PropertyHarm::kState,
      PropertyHarm::kStuck, PropertyHarm::kAnswer,  PropertyHarm::kNone};
  const auto place = std::find(kOrder.begin(), kOrder.end(), broken.harm) - kOrder.begin();
  return {broken.severity == Severity::kWarn,
          broken.missing ? kOrder.size() : static_cast<unsigned>(place)};
}

// 0: not the same each time.
std::uint64_t each_elsewhere(const Expectation& expectation, const EffectCount::Other& other,
                             std::size_t position) {
  if (!expectation.usual) {
    return other.effects_each;
  }
  const std::vector<std::uint64_t>& usual = expectation.usual->elsewhere;
  return position < usual.size() ? usual[position] : 0;
}

void judge_elsewhere(const Expectation& expectation, const std::vector<EffectCount::Other>& others,
                     std::vector<Break>& breaks) {
  for (std::size_t i = 0; i < std::min(others.size(), expectation.elsewhere.size()); ++i) {
    const std::uint64_t each = each_elsewhere(expectation, others[i], i);
    const std::uint64_t most = expectation.most * each;
    const auto& effects = expectation.elsewhere[i];
    if (each > 0 && effects && *effects > most) {
      breaks.push_back({PropertyHarm::kEffects, expectation.above,
                        fmt::format("oracle {} counts {} where at most {} may be", others[i].name,
                                    effects_text(*effects), most)});
    }
  }
}

struct Bounds {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  Severity below = Severity::kFail;  // as grave as the least grave of the tokens
  Severity above = Severity::kFail;
};

// Of all tokens of the trial together, in operations.
Bounds bounds_of(const Trial& trial) {
  Bounds bounds;
  for (const Expectation& expectation : trial.expectations()) {
    bounds.least += expectation.least;
    bounds.most += expectation.most;
    bounds.below = std::min(bounds.below, expectation.below);
    bounds.above = std::min(bounds.above, expectation.above);
  }
  return bounds;
}

// Several tokens of which only the sum is known.
bool has_only_a_sum(const Trial& trial) {
  return trial.total() && trial.expectations().size() > 1;
}

void judge_sum(const Trial& trial, std::uint64_t each, std::vector<Break>& breaks) {
  const Bounds bounds = bounds_of(trial);
  if (*trial.total() > bounds.most * each) {
    breaks.push_back({PropertyHarm::kEffects, bounds.above,
                      fmt::format("{} in all where at most {} may be", effects_text(*trial.total()),
                                  bounds.most * each)});
  } else if (*trial.total() < bounds.least * each && !trial.spoiled()) {
    breaks.push_back({PropertyHarm::kEffects, bounds.below,
                      fmt::format("{} in all where at least {} must be",
                                  effects_text(*trial.total()), bounds.least * each),
                      true});
  }
}

// Resources that successes name for one token; the weakest oracle, and always there.
std::size_t resources_named(const Trial& trial, const std::string& token) {
  std::set<std::string_view> ids;
  for (const Sent& sent : trial.sent()) {
    if (sent.asks_effect && sent.shot.operation.token == token && sent.answer.id) {
      ids.insert(*sent.answer.id);
    }
  }
  return ids.size();
}

void judge_identity(const Trial& trial, const Expectation& expectation,
                    std::vector<Break>& breaks) {
  const std::size_t resources = resources_named(trial, expectation.token);
  if (resources > expectation.most) {
    breaks.push_back({PropertyHarm::kEffects, expectation.above,
                      fmt::format("answers name {} resources where at most {} may be", resources,
                                  expectation.most)});
  }
}

}  // namespace

bool has_too_many(const Trial& trial, std::uint64_t effects_each) {
  if (has_only_a_sum(trial) && *trial.total() > bounds_of(trial).most * effects_each) {
    return true;
  }
  return std::any_of(
      trial.expectations().begin(), trial.expectations().end(),
      [&](const Expectation& expectation) {
        return (expectation.decided &&
                expectation.effects > expectation.most * each_of(expectation, effects_each)) ||
               resources_named(trial, expectation.token) > expectation.most;
      });
}

// A spoiled trial proves nothing by its answers, nor by an effect that is missing.
std::vector<Break> breaks_of(const Trial& trial, const Counting& counting) {
  std::vector<Break> breaks;
  for (const Expectation& expectation : trial.expectations()) {
    Expectation judged = expectation;
    if (trial.spoiled()) {
      judged.least = 0;
    }
    judge_effects(judged, counting.effects_each, breaks);
    judge_elsewhere(judged, counting.others, breaks);
    judge_identity(trial, judged, breaks);
  }
  if (has_only_a_sum(trial)) {
    judge_sum(trial, counting.effects_each, breaks);
  }
  if (!trial.spoiled()) {
    breaks.insert(breaks.end(), trial.breaks().begin(), trial.breaks().end());
  }
  std::stable_sort(breaks.begin(), breaks.end(),
                   [](const Break& a, const Break& b) { return rank_of(a) < rank_of(b); });
  return breaks;
}

namespace {

model::PropertyRequest request_of(const Sent& sent, const model::Plan& plan) {
  const Answer& answer = sent.answer;
  const auto safe = [&](std::string_view text, std::size_t most) {
    return model::safe_to_show(text, plan.secrets, most);
  };
  model::PropertyRequest request;
  request.at = sent.began + answer.started;
  request.took = answer.ended - answer.started;
  const auto& callers = plan.idempotency->callers;
  request.caller = callers.empty() || sent.shot.anonymous
                       ? ""
                       : plan.callers[callers.at(sent.shot.operation.caller)].name;
  request.replica =
      plan.targets[sent.shot.request->target].replicas.at(sent.shot.replica).authority();
  request.key = safe(answer.key, kAnswerBytes);
  request.what = model::redact(answer.what, plan.secrets);
  // Redacted whole: of a secret at the cut the first half would be no secret any more.
  request.request = model::redact(answer.request, plan.secrets).substr(0, kRequestBytes);
  request.how = model::to_string(answer.how);
  request.status = answer.status;
  request.answer = safe(answer.status != 0 ? answer.body : answer.detail, kAnswerBytes);
  return request;
}

model::PropertyCase case_of(const Trial& trial, const std::vector<Break>& breaks,
                            const Counting& counting, const model::Plan& plan) {
  model::PropertyCase one;
  one.problem = model::safe_to_show(breaks.front().text, plan.secrets, kAnswerBytes);
  for (const Expectation& expectation : trial.expectations()) {
    one.token += (one.token.empty() ? "" : " ") + expectation.token;
    one.expected += expectation.most * each_of(expectation, counting.effects_each);
    one.effects += expectation.effects;
    one.counted = one.counted || expectation.decided;
  }
  for (const Sent& sent : trial.sent()) {
    one.requests.push_back(request_of(sent, plan));
  }
  one.acts = trial.acts();
  return one;
}

// What of the trials the verdict rests on.
struct Tally {
  std::uint64_t trials = 0;
  std::uint64_t failed = 0;
  std::uint64_t warned = 0;
  std::uint64_t undecided = 0;
  PropertyHarm harm = PropertyHarm::kNone;       // the gravest
  std::tuple<bool, unsigned> rank;               // of it
  std::uint64_t as_grave = 0;                    // trials whose worst break is of that rank
  std::map<std::string, std::uint64_t> reasons;  // of the gravest severity that there was
  std::string first_reason;                      // of that rank
};

void tally_trial(const Trial& trial, const std::vector<Break>& breaks, Tally& tally) {
  // What was seen to break counts, whatever happened afterwards.
  tally.trials += trial.spoiled() && breaks.empty() ? 0U : 1U;
  const Bounds bounds = bounds_of(trial);
  const bool decided =
      (has_only_a_sum(trial) && bounds.least == bounds.most) ||
      std::all_of(trial.expectations().begin(), trial.expectations().end(),
                  [](const Expectation& expectation) { return expectation.decided; });
  tally.undecided += decided || trial.spoiled() ? 0U : 1U;
  if (breaks.empty()) {
    return;
  }
  const bool fails = breaks.front().severity == Severity::kFail;
  if (fails && tally.failed == 0) {
    tally.reasons.clear();
    tally.harm = PropertyHarm::kNone;
  }
  ++(fails ? tally.failed : tally.warned);
  if (fails || tally.failed == 0) {
    ++tally.reasons[breaks.front().text];
    const auto rank = rank_of(breaks.front());
    if (tally.harm == PropertyHarm::kNone || rank < tally.rank) {
      tally.harm = breaks.front().harm;
      tally.rank = rank;
      tally.as_grave = 0;
      tally.first_reason = breaks.front().text;
    }
    tally.as_grave += rank == tally.rank ? 1U : 0U;
  }
}

void tell_reasons(const Tally& tally, const model::Plan& plan, PropertyResult& result) {
  std::vector<std::pair<std::uint64_t, std::string>> reasons;
  for (const auto& [text, count] : tally.reasons) {
    reasons.emplace_back(count, text);
  }
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < std::min(reasons.size(), kReasonsShown); ++i) {
    result.evidence.push_back(
        fmt::format("{} of {}: {}", reasons[i].first, tally.trials,
                    model::safe_to_show(reasons[i].second, plan.secrets, kAnswerBytes)));
  }
}

std::string bound_text(std::uint64_t trials) {
  const double bound = kRuleOfThree / static_cast<double>(trials);
  return bound >= 1
             ? fmt::format("{} trial{} say little about how often", trials, trials == 1 ? "" : "s")
             : fmt::format("fewer than {} of such trials break it (95%, 3/{})",
                           format_share(Share{bound}), trials);
}

void conclude(const PropertyKind& kind, const PropertyTest& test, const Tally& tally,
              const Counting& counting, const model::Plan& plan, PropertyResult& result) {
  const auto safe = [&](const std::string& text) {
    return model::safe_to_show(text, plan.secrets, kAnswerBytes);
  };
  if (tally.failed > 0) {
    result.verdict = PropertyVerdict::kFail;
    result.harm = tally.harm;
    result.broken = tally.failed;
    result.summary =
        fmt::format("{} of {}: {}", tally.as_grave, tally.trials, safe(tally.first_reason));
  } else if (tally.trials == 0) {
    result.verdict = PropertyVerdict::kNotTested;
    result.summary = "no trial came to its end";
    if (!test.why_given_up().empty()) {
      result.summary += fmt::format(": {}", safe(test.why_given_up()));
    }
  } else if (tally.warned > 0) {
    result.verdict = PropertyVerdict::kWarn;
    result.harm = tally.harm;
    result.broken = tally.warned;
    result.summary =
        fmt::format("{} of {}: {}", tally.as_grave, tally.trials, safe(tally.first_reason));
  } else if (tally.undecided > 0 && !kind.answers_only) {
    result.verdict = PropertyVerdict::kNotTested;
    result.summary =
        counting.possible
            ? fmt::format("effects of {} of {} trials are not known", tally.undecided, tally.trials)
            : fmt::format(
                  "answers were as they should be in {} trials, but effects were not "
                  "counted",
                  tally.trials);
    result.needs = counting.possible ? "" : "[[effects.oracle]]: where effects are counted";
  } else {
    result.verdict = PropertyVerdict::kPass;
    result.summary = bound_text(tally.trials);
  }
}

}  // namespace

std::uint64_t enter_counts(PropertyTest& test, const EffectCount::Counts& counts) {
  std::uint64_t grown = 0;
  for (Trial& trial : test.trials()) {
    for (Expectation& expectation : trial.expectations()) {
      const auto found = counts.effects.find(expectation.token);
      if (found == counts.effects.end()) {
        continue;
      }
      bool more = expectation.decided && found->second > expectation.effects;
      expectation.effects = found->second;
      expectation.decided = true;
      expectation.elsewhere.resize(counts.elsewhere.size());
      for (std::size_t i = 0; i < counts.elsewhere.size(); ++i) {
        auto& effects = expectation.elsewhere[i];
        const auto there = counts.elsewhere[i].find(expectation.token);
        const bool known = there != counts.elsewhere[i].end();
        more = more || (known && effects && there->second > *effects);
        effects = known ? std::optional(there->second) : std::nullopt;
      }
      grown += more ? 1U : 0U;
    }
  }
  return grown;
}

PropertyResult untested(const PropertyKind& kind, std::string needs) {
  PropertyResult result;
  result.number = kind.number;
  result.name = kind.name;
  result.title = kind.title;
  result.promise = kind.promise;
  result.provocation = kind.provocation;
  result.needs = std::move(needs);
  return result;
}

PropertyResult judge(const PropertyKind& kind, const PropertyTest& test, const Counting& counting,
                     const model::Plan& plan) {
  PropertyResult result = untested(kind, {});
  if (!test.provocation().empty()) {
    result.provocation = model::redact(test.provocation(), plan.secrets);
  }
  Tally tally;
  std::vector<model::PropertyCase> warned;
  for (const Trial& trial : test.trials()) {
    const std::vector<Break> breaks = breaks_of(trial, counting);
    tally_trial(trial, breaks, tally);
    auto& cases =
        !breaks.empty() && breaks.front().severity == Severity::kFail ? result.cases : warned;
    if (!breaks.empty() && cases.size() < kCasesKept) {
      cases.push_back(case_of(trial, breaks, counting, plan));
    }
  }
  if (!test.why_not_tested().empty() && tally.failed == 0) {
    result.summary = model::redact(test.why_not_tested(), plan.secrets);
    return result;
  }
  if (result.cases.empty()) {
    result.cases = std::move(warned);
  }
  result.trials = tally.trials;
  conclude(kind, test, tally, counting, plan, result);
  tell_reasons(tally, plan, result);
  for (const std::string& note : test.notes()) {
    result.evidence.push_back(model::redact(note, plan.secrets));
  }
  if (result.verdict == PropertyVerdict::kFail || result.verdict == PropertyVerdict::kWarn) {
    for (const std::string_view remedy : kind.remedies) {
      result.remedies.emplace_back(remedy);
    }
  }
  return result;
}

}  // namespace squall::verify
