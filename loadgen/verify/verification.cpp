#include "loadgen/verify/verification.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/verify/control_group.hpp"
#include "loadgen/verify/judge.hpp"
#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/weighing.hpp"

namespace squall::verify {
namespace {

// A property on its way to its verdict.
struct Tested {
  const PropertyKind* kind = nullptr;
  std::unique_ptr<PropertyTest> test;
};

class Verification {
 public:
  Verification(const VerificationDeps& deps, const VerificationOptions& options)
      : deps_(deps),
        options_(options),
        lab_({.plan = deps.plan,
              .world = deps.world,
              .stop = deps.stop,
              .progress = [this](std::string_view text) { tell(text); },
              .rounds = options.times > 0    ? options.times
                        : options.rounds > 0 ? options.rounds
                                             : deps.plan.idempotency->rounds,
              .few_rounds = options.times}) {}

  Result<Verified> take() {
    report_.profile = deps_.plan.idempotency->profile_name;
    lab_.effects().begin_totals([this](std::string_view text) { tell(text); });
    report_.effects_counted = lab_.effects().possible();
    report_.effects_each = 1;
    if (deps_.plan.idempotency->has_operation) {
      auto sent_once = run_control_group(lab_, report_);
      if (!sent_once) {
        return fail(sent_once.error());
      }
      control_tokens_ = std::move(*sent_once);
    }
    counting_ = {.possible = report_.effects_counted,
                 .effects_each = report_.effects_each,
                 .others = lab_.effects().others()};
    for (const PropertyKind* kind : by_number(deps_.properties)) {
      if (options_.only.empty() || options_.only.contains(kind->number)) {
        take_up(*kind);
      }
    }
    recount();
    if (!lab_.stopped()) {
      lab_.effects().compare_totals([this](std::string_view text) { tell(text); });
    }
    reproduce();
    tell_oracles();
    for (const std::string& field : lab_.normaliser().fields()) {
      report_.volatile_fields.push_back(model::safe_to_show(field, deps_.plan.secrets));
    }
    return Verified{std::move(report_), learned()};
  }

 private:
  model::IdempotencyProfile learned() {
    model::IdempotencyProfile profile = lab_.observed();
    profile.name = "learned";
    profile.summary = "as answers showed it";
    profile.carrier = deps_.plan.idempotency->carrier;
    // Another property may have seen what this mode does not have: a profile says one thing.
    if (profile.in_flight != model::InFlightMode::kReject) {
      profile.in_flight_status.clear();
    }
    if (profile.mismatch != model::MismatchMode::kReject) {
      profile.mismatch_status.clear();
    }
    profile.volatile_fields = report_.volatile_fields;
    return profile;
  }

  void tell(std::string_view text) {
    deps_.progress(doing_.empty() ? std::string(text) : fmt::format("{}: {}", doing_, text));
  }

  void take_up(const PropertyKind& kind) {
    std::string lacks = kind.without_operation ? "" : lacks_operation(deps_.plan);
    if (lacks.empty()) {
      lacks = kind.lacks(deps_.plan);
    }
    if (!lacks.empty() || lab_.is_over()) {
      model::PropertyResult result = untested(kind, std::move(lacks));
      if (result.needs.empty()) {
        result.summary = lab_.stopped() ? "the run was stopped before"
                                        : "the target refuses all connections by now";
      }
      keep(std::move(result));
      tested_.emplace_back();
      return;
    }
    doing_ = fmt::format("{} {}", kind.number, kind.title);
    deps_.progress(doing_);
    Tested tested{&kind, std::make_unique<PropertyTest>(lab_)};
    const bool by_total = lab_.effects().knows_only_totals();
    if (by_total) {
      start_weighing(lab_);
    }
    kind.test(lab_, *tested.test);
    if (by_total) {
      conclude_totals(*tested.test);
    } else if (const std::vector<std::string> tokens = tested.test->tokens(); can_count(tokens)) {
      enter_counts(*tested.test, count(tokens));
    }
    keep(judge(kind, *tested.test, counting_, deps_.plan));
    tested_.push_back(std::move(tested));
    doing_.clear();
  }

  void conclude_totals(PropertyTest& test) {
    if (report_.oracle_problem.empty()) {
      weigh_together(lab_, counting_.effects_each, test);
    }
    if (report_.oracle_problem.empty() && !lab_.stopped()) {
      report_.oracle_problem = lab_.effects().total_problem();
    }
  }

  // A trial before may have caused them, but which one nobody knows.
  void tell_late_effects() {
    const auto late = lab_.effects().new_in_total([this](std::string_view text) { tell(text); });
    if (late.value_or(0) > 0) {
      report_.oracle_problem = fmt::format(
          "{} effects came when their trials were over: of which, a total cannot tell", *late);
    }
  }

  void keep(model::PropertyResult result) {
    report_.properties.push_back(std::move(result));
    deps_.result(report_.properties.back(), report_);
  }

  [[nodiscard]] bool can_count(const std::vector<std::string>& tokens) const {
    return !tokens.empty() && counting_.possible && report_.oracle_problem.empty();
  }

  EffectCount::Counts count(const std::vector<std::string>& tokens) {
    auto counts = lab_.effects().count(tokens, [this](std::string_view text) { tell(text); });
    // Who does not wait sees nothing come to rest: that is no fault of an oracle.
    if (!counts.problem.empty() && !lab_.stopped()) {
      report_.oracle_problem = counts.problem;
    }
    return counts;
  }

  // What the control group has got by now belongs to every operation, and to those that were sent
  // last it may be still to come: then nothing that was counted says anything.
  bool control_has_grown(const EffectCount::Counts& counts) {
    std::uint64_t effects = 0;
    for (const std::string& token : control_tokens_) {
      const auto found = counts.effects.find(token);
      effects += found == counts.effects.end() ? 0 : found->second;
      for (std::size_t i = 0; i < std::min(counts.elsewhere.size(), counting_.others.size()); ++i) {
        std::uint64_t& each = counting_.others[i].effects_each;
        const auto there = counts.elsewhere[i].find(token);
        each = there != counts.elsewhere[i].end() && there->second > each ? 0 : each;
      }
    }
    if (effects <= report_.control_effects) {
      return false;
    }
    report_.oracle_problem = fmt::format(
        "operations of the control group, which were sent once, had {} effects when they seemed to "
        "be at rest, and have {} now: effects.settle is too short for what comes later",
        report_.control_effects, effects);
    return true;
  }

  // Effects may come when a property has its verdict already: a queue that is worked off later.
  void recount() {
    if (lab_.stopped()) {
      return;
    }
    if (lab_.effects().knows_only_totals()) {
      tell_late_effects();
      return;
    }
    std::vector<std::string> tokens;
    for (const Tested& tested : tested_) {
      if (tested.test != nullptr) {
        const auto more = tested.test->tokens();
        tokens.insert(tokens.end(), more.begin(), more.end());
      }
    }
    if (!can_count(tokens)) {
      return;
    }
    deps_.progress("all effects once more");
    tokens.insert(tokens.end(), control_tokens_.begin(), control_tokens_.end());
    const EffectCount::Counts counts = count(tokens);
    if (control_has_grown(counts)) {
      return;
    }
    for (std::size_t i = 0; i < tested_.size(); ++i) {
      if (tested_[i].test == nullptr) {
        continue;
      }
      if (const std::uint64_t grown = enter_counts(*tested_[i].test, counts); grown > 0) {
        tested_[i].test->note(fmt::format(
            "{} operations got more effects after they had seemed to be at rest", grown));
        report_.properties[i] = judge(*tested_[i].kind, *tested_[i].test, counting_, deps_.plan);
        deps_.result(report_.properties[i], report_);
      }
    }
  }

  void reproduce() {
    ReproductionOptions options = options_.reproduction;
    options.tries_it = options.tries_it && report_.oracle_problem.empty();
    for (std::size_t i = 0; i < tested_.size(); ++i) {
      model::PropertyResult& result = report_.properties[i];
      const bool broken = result.verdict == model::PropertyVerdict::kFail ||
                          result.verdict == model::PropertyVerdict::kWarn;
      if (tested_[i].test == nullptr || !broken) {
        continue;
      }
      doing_ = fmt::format("{} {}", result.number, result.title);
      make_reproducer(lab_, *tested_[i].test, counting_, options, result);
    }
    doing_.clear();
  }

  void tell_oracles() {
    for (const model::OracleSpec& oracle : deps_.plan.effects.oracles) {
      report_.oracles.push_back(oracle.kind == nullptr
                                    ? oracle.name
                                    : fmt::format("{} ({})", oracle.name, oracle.kind->name));
    }
    for (const std::string& line : lab_.effects().disagreements()) {
      report_.disagreements.push_back(model::safe_to_show(line, deps_.plan.secrets));
    }
    report_.disagreement_count = lab_.effects().disagreement_count();
    for (const std::string& line : lab_.effects().unanswered()) {
      report_.unanswered.push_back(model::safe_to_show(line, deps_.plan.secrets));
    }
  }

  const VerificationDeps& deps_;
  const VerificationOptions& options_;
  std::string doing_;
  Lab lab_;
  Counting counting_;
  std::vector<std::string> control_tokens_;
  model::IdempotencyReport report_;
  std::vector<Tested> tested_;  // by position in report_.properties; without a test: not tried
};

}  // namespace

Result<Verified> verify(const VerificationDeps& deps, const VerificationOptions& options) {
  return Verification(deps, options).take();
}

}  // namespace squall::verify
