#include "loadgen/app/ab_session.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "loadgen/app/comparison_commands.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/run_session.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/app/version.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/baseline_plan.hpp"
#include "loadgen/run/record_identity.hpp"
#include "reports/compare/comparable.hpp"
#include "reports/compare/compare_rounds.hpp"
#include "reports/formats/common/comparison_text.hpp"

namespace squall::app {
namespace {

using model::ExitCode;
using reports::RunFigures;
using PlanPtr = std::shared_ptr<const model::Plan>;

constexpr std::uint64_t kSeedBits = 48;  // of a round: short enough to type

PlanOptions options_of(const AbOptions& options, const AbSide& side) {
  PlanOptions plan = options.plan;
  if (!options.length.empty()) {
    plan.set.push_back("load.duration=" + options.length);
  }
  plan.set.insert(plan.set.end(), side.set.begin(), side.set.end());
  if (!side.url.empty()) {
    plan.targets.push_back(side.url);
  }
  return plan;
}

std::string name_of(const AbSide& side) {
  std::string name = side.url.empty() ? side.name : side.url;
  for (const std::string& set : side.set) {
    name += " " + set;
  }
  return name;
}

// What is worth ending everything for: no later round would do better.
bool is_fatal(ExitCode code) {
  return code == ExitCode::kUsage || code == ExitCode::kUnreachable ||
         code == ExitCode::kInternal || code == ExitCode::kNotWritten;
}

std::string progress_of(const RunFigures& figures) {
  std::string text;
  for (const reports::StepFigures& step : figures.steps) {
    const auto at = [&](std::size_t percentile) {
      const auto& value = step.percentiles.at(percentile);
      return value ? format_duration(std::chrono::microseconds(static_cast<std::int64_t>(*value)))
                   : std::string("n/a");
    };
    text += fmt::format("{}{} {} p50 {}, p99 {}, {} of {} failed", text.empty() ? "" : "; ",
                        printable(step.step), model::to_string(step.exposure), at(0), at(2),
                        step.errors, step.operations);
  }
  return text.empty() ? "no operation was measured" : text;
}

class AbRun {
 public:
  AbRun(const AbOptions& options, const run::StopSignal& stop)
      : options_(options), stop_(stop), quiet_(Verbosity::kQuiet, Color::kNever) {}

  ExitCode act() {
    if (!prepare()) {
      return ExitCode::kUsage;
    }
    const auto directory = make_place();
    if (!directory) {
      say("squall: {}\n", to_string(directory.error()));
      return directory.error().code == ErrorCode::kInvalidArgument ? ExitCode::kUsage
                                                                   : ExitCode::kNotWritten;
    }
    directory_ = *directory;
    tell(fmt::format("results go to {}", printable(directory_, 500)));
    measure();
    return fatal_ == ExitCode::kPass ? finish() : fatal_;
  }

 private:
  // Both plans load, and are the same but for where they send to.
  bool prepare() {
    base_plan_ = load_plan(options_of(options_, options_.base));
    const PlanPtr other =
        base_plan_ == nullptr
            ? nullptr
            : load_plan(options_of(options_, options_.candidate), PlanWarnings::kLeaveOut);
    if (other == nullptr) {
      return false;
    }
    if (base_plan_->scenarios.empty()) {
      say("squall: {}: this plan has no traffic to compare\n", printable(options_.plan.file));
      return false;
    }
    const auto identity = [](const model::Plan& plan) {
      return run::identity_of(plan, std::string(kVersion), "", "");
    };
    const auto problems = reports::why_not_comparable(identity(*base_plan_), identity(*other));
    for (const std::string& problem : problems) {
      say("squall: {}\n", problem);
    }
    if (!problems.empty()) {
      say("squall: the sides may differ in their target, not in their load\n");
      return false;
    }
    note_services(options_of(options_, options_.base).targets, *base_plan_);
    return true;
  }

  Result<std::string> make_place() {
    if (!options_.directory.empty()) {
      return make_run_directory(options_.directory, *base_plan_, wall_clock_now());
    }
    return make_fresh_directory(
        "ab-" + run_directory_name(base_plan_->name, wall_clock_now(), base_plan_->seed));
  }

  void measure() {
    const StreamId chance(base_plan_->seed, "ab", "round");
    const auto seed_of = [&](std::uint64_t round) {
      return chance.bits_at(round) >> (64 - kSeedBits);
    };
    std::uint64_t seeds = 0;
    for (unsigned round = 1; round <= options_.noise_rounds && goes_on(); ++round) {
      take(noise_, "noise", round, options_.base, options_.base, seed_of(++seeds));
    }
    bool base_first = chance.bits_at(0) % 2 == 0;
    for (unsigned round = 1; round <= options_.rounds && goes_on(); ++round) {
      const AbSide& first = base_first ? options_.base : options_.candidate;
      const AbSide& second = base_first ? options_.candidate : options_.base;
      take(rounds_, "round", round, first, second, seed_of(++seeds));
      base_first = !base_first;
    }
  }

  [[nodiscard]] bool goes_on() const { return !stop_.raised() && fatal_ == ExitCode::kPass; }

  // A pair of runs; dropped unless both came to their end.
  void take(std::vector<reports::Round>& rounds, std::string_view what, unsigned number,
            const AbSide& first, const AbSide& second, std::uint64_t seed) {
    const bool noise = &first == &second;
    const unsigned of = noise ? options_.noise_rounds : options_.rounds;
    const auto one = [&](const AbSide& side, int place) {
      const std::string name = fmt::format("{}-{:02}-{}-{}", what, number, place, side.name);
      tell(fmt::format("{} {} of {}: {}", what, number, of, side.name));
      return run_once(side, name, seed);
    };
    auto figures = one(first, 1);
    auto others = figures ? one(second, 2) : std::nullopt;
    if (!others) {
      return;
    }
    const bool in_order = noise || first.name == options_.base.name;
    rounds.push_back(in_order ? reports::Round{std::move(*figures), std::move(*others)}
                              : reports::Round{std::move(*others), std::move(*figures)});
  }

  // Nothing when it was stopped or is fatal.
  std::optional<RunFigures> run_once(const AbSide& side, const std::string& name,
                                     std::uint64_t seed) {
    PlanOptions typed = options_of(options_, side);
    typed.seed = seed;
    if (typed.run_id) {
      *typed.run_id += "-" + name;  // or one side would be a replay of the other
    }
    const PlanPtr plan = load_plan(typed, PlanWarnings::kLeaveOut);
    if (plan == nullptr) {
      fatal_ = ExitCode::kUsage;
      return std::nullopt;
    }
    const auto view = quiet_.make_view();
    const SessionResult session = run_session(
        plan, {.directory = directory_ + "/" + name, .command = command_that_repeats(typed, *plan)},
        *view, stop_);
    if (is_fatal(session.exit_code)) {
      fatal_ = session.exit_code;
      tell_end(side, session);
      return std::nullopt;
    }
    if (stop_.raised()) {
      return std::nullopt;
    }
    if (session.exit_code != ExitCode::kPass) {
      std::size_t& failed = side.name == options_.base.name ? base_failed_ : candidate_failed_;
      ++failed;
    }
    RunFigures figures = reports::figures_of(session.record);
    tell("  " + progress_of(figures));
    return figures;
  }

  void tell_end(const AbSide& side, const SessionResult& session) const {
    say("squall: the {} ended everything ({}): {}\n", side.name, model::meaning(session.exit_code),
        printable(session.directory, 500));
    for (const std::string& reason : session.record.reasons) {
      say("  - {}\n", printable(reason, 400));
    }
  }

  void tell(const std::string& text) const {
    if (!options_.quiet) {
      say("squall: {}\n", text);
    }
  }

  void add_notes(model::ComparisonReport& report) const {
    if (base_failed_ + candidate_failed_ > 0) {
      report.notes.push_back(
          fmt::format("runs that did not pass for themselves: {} of the base, {} of the candidate; "
                      "see their directories",
                      base_failed_, candidate_failed_));
    }
    if (stop_.raised()) {
      report.notes.push_back(fmt::format("stopped by a signal after {} of {} rounds",
                                         rounds_.size(), options_.rounds));
      report.verdict = std::max(report.verdict, model::ComparisonVerdict::kInconclusive);
    }
  }

  ExitCode finish() {
    const model::ComparisonSettings settings =
        with_options(base_plan_->baseline == nullptr ? model::ComparisonSettings()
                                                     : base_plan_->baseline->settings,
                     options_.comparison);
    const auto name = [&](const AbSide& side) {
      return model::redact(name_of(side), base_plan_->secrets);
    };
    model::ComparisonReport report = reports::compare_rounds(
        rounds_, noise_, settings,
        {.base = name(options_.base), .candidate = name(options_.candidate)});
    add_notes(report);
    put(options_.quiet ? reports::comparison_sentence(report) + "\n"
                       : terminal_document(report, options_.no_color ? ComparisonColor::kNever
                                                                     : ComparisonColor::kAuto));
    print("  {}/  comparison.json, comparison.md and a directory of each run\n",
          printable(directory_, 500));
    ExitCode code = exit_code_of(report.verdict, options_.strict);
    if (!rounds_.empty() && report.rounds == 0) {
      code = model::worse(code, ExitCode::kInvalid);
    }
    for (const auto& [file, text] : {std::pair{"comparison.json", model::to_json(report)},
                                     std::pair{"comparison.md", markdown_document(report)}}) {
      if (auto written = write_file(fmt::format("{}/{}", directory_, file), text); !written) {
        say("squall: {}\n", to_string(written.error()));
        code = model::worse(code, ExitCode::kNotWritten);
      }
    }
    return stop_.raised() ? model::worse(code, static_cast<ExitCode>(128 + stop_.signal())) : code;
  }

  const AbOptions& options_;
  const run::StopSignal& stop_;
  Terminal quiet_;
  PlanPtr base_plan_;
  std::string directory_;
  std::vector<reports::Round> rounds_;
  std::vector<reports::Round> noise_;
  std::size_t base_failed_ = 0;
  std::size_t candidate_failed_ = 0;
  ExitCode fatal_ = ExitCode::kPass;
};

}  // namespace

ExitCode run_ab(const AbOptions& options, const run::StopSignal& stop) {
  return AbRun(options, stop).act();
}

}  // namespace squall::app
