// squall find PLAN: the highest rate at which conditions still hold.
#include <algorithm>
#include <csignal>
#include <limits>
#include <memory>
#include <optional>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/capacity_stages.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/live_options.hpp"
#include "loadgen/app/live_views.hpp"
#include "loadgen/app/option_checks.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/run_session.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/plan/estimate.hpp"
#include "loadgen/run/capacity_search.hpp"

namespace squall::app {
namespace {

using model::ExitCode;
using model::StageVerdict;

struct FindCommand {
  PlanOptions plan;
  std::vector<std::string> require;
  std::string from;
  std::string to = "1M/s";
  std::string at_least;
  std::string stage = "10s";
  std::string confirm = "30s";
  std::string warmup = "2s";
  std::string resolution = "5%";
  std::string directory;
  std::string typed;
  bool quiet = false;
  bool no_color = false;
  LiveOptions live;
};

// The conditions as the value of --set checks.require: a list in TOML.
std::string list_of(const std::vector<std::string>& conditions) {
  expr::Array items;
  for (const std::string& condition : conditions) {
    items.push_back({condition, {}});
  }
  // "key = [...]" without its key.
  const std::string line = expr::to_toml({expr::Table{{"r", {}, {std::move(items), {}}}}, {}});
  return std::string(trim(std::string_view(line).substr(line.find('=') + 1)));
}

// What is added unless a condition says what share of errors is fine: a service that refuses fast
// would carry any load.
constexpr const char* kFewErrors = "error_rate < 1%";

// What the command line requires, in place of the plan; nothing when it requires nothing.
std::vector<std::string> conditions_of(const FindCommand& command) {
  std::vector<std::string> conditions = command.require;
  const bool names_errors =
      std::any_of(conditions.begin(), conditions.end(), [](const std::string& condition) {
        return condition.find("error_rate") != std::string::npos;
      });
  if (!conditions.empty() && !names_errors) {
    conditions.emplace_back(kFewErrors);
  }
  return conditions;
}

// One search from its first stage to its report.
class Search {
 public:
  Search(const FindCommand& command, const run::StopSignal& stop)
      : command_(command),
        stop_(stop),
        terminal_(command.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                  command.no_color ? Color::kNever : Color::kAuto, command.live) {}

  ExitCode run();

 private:
  bool prepare();
  [[nodiscard]] std::optional<run::CapacityOptions> search_options() const;
  [[nodiscard]] Rate highest_allowed() const;
  // The plan's options with what holds for every stage, whatever its rate.
  [[nodiscard]] PlanOptions stage_options(const std::string& measured_time) const;
  [[nodiscard]] std::string measured_time(const run::NextStage& stage) const;
  void announce_conditions() const;
  [[nodiscard]] PlanOptions options_at(const run::NextStage& stage) const;
  // How the stage ended; nothing when the search cannot go on, `ended_` says why.
  std::optional<model::CapacityStage> run_stage(const run::NextStage& stage);
  void print_stage(const model::CapacityStage& stage) const;
  ExitCode finish(const run::CapacitySearch& search);
  [[nodiscard]] ExitCode judge(model::RunRecord& record) const;
  void judge_undecided(model::RunRecord& record, Rate wanted) const;

  const FindCommand& command_;
  const run::StopSignal& stop_;
  const Terminal terminal_;
  std::unique_ptr<LiveViews> views_;
  std::shared_ptr<const model::Plan> plan_;
  std::string directory_;
  std::vector<model::CapacityStage> stages_;
  model::RunRecord last_;     // of the last stage
  model::RunRecord passing_;  // of the last stage that passed
  bool any_passed_ = false;
  std::optional<ExitCode> ended_;
};

bool Search::prepare() {
  // As the stages will be, but for the rate: what is to be said of it is said once, here.
  plan_ = load_plan(stage_options(command_.stage));
  if (!plan_) {
    return false;
  }
  if (plan_->checks.require.empty()) {
    say("squall: what must hold? give --require \"response p99 < 200ms\", or a plan with "
        "checks.require\n");
    return false;
  }
  if (const auto changes = at_rate(*plan_, Rate{1}); !changes) {
    say("squall: {}\n", to_string(changes.error()));
    return false;
  }
  return true;
}

// The arrivals that the plan's max_rate leaves room for.
Rate Search::highest_allowed() const {
  const plan::Estimate asked = plan::estimate(*plan_, {});
  if (!plan_->max_rate || !plan_->leaves_loopback() || asked.peak_operations <= Rate{}) {
    return Rate{std::numeric_limits<double>::max()};
  }
  return Rate{plan_->max_rate->per_second * asked.peak_arrivals.per_second /
              asked.peak_operations.per_second};
}

void Search::announce_conditions() const {
  if (command_.quiet || command_.require.empty()) {
    return;
  }
  std::string text;
  for (const std::string& condition : conditions_of(command_)) {
    text += (text.empty() ? "" : ", ") + condition;
  }
  const bool added = conditions_of(command_).size() > command_.require.size();
  terminal_.print(fmt::format(
      "required in place of the plan's require and findings: {}{}\n", printable(text, 1000),
      added ? " (the last one is added, as no --require names error_rate)" : ""));
}

std::optional<run::CapacityOptions> Search::search_options() const {
  run::CapacityOptions options;
  options.highest = std::min(parse_rate(command_.to).value(), highest_allowed());
  options.start = command_.from.empty() ? planned_rate(*plan_) : parse_rate(command_.from).value();
  options.start = std::min(options.start, options.highest);
  options.resolution = parse_share(command_.resolution).value().fraction;
  if (options.start.per_second <= 0 || options.resolution <= 0) {
    say("squall: --from, --to and --resolution must be above zero\n");
    return std::nullopt;
  }
  options.lowest = std::min(options.lowest, options.start);
  const Duration stage = parse_duration(command_.stage).value();
  const Duration confirm = parse_duration(command_.confirm).value();
  if (stage <= Duration::zero() || confirm <= Duration::zero()) {
    say("squall: --stage and --confirm must be above zero\n");
    return std::nullopt;
  }
  options.confirm_length = to_seconds(confirm) / to_seconds(stage);
  return options;
}

std::string Search::measured_time(const run::NextStage& stage) const {
  return fmt::format("{:.3f}s", stage.length * to_seconds(parse_duration(command_.stage).value()));
}

PlanOptions Search::stage_options(const std::string& measured_time) const {
  PlanOptions options = command_.plan;
  for (std::string& setting : settings_for(command_.live)) {
    options.set.push_back(std::move(setting));
  }
  options.set.push_back("load.duration=" + measured_time);
  options.set.push_back("load.warmup=" + command_.warmup);
  if (!command_.require.empty()) {
    options.set.push_back("checks.require=" + list_of(conditions_of(command_)));
    options.set.emplace_back("checks.findings=[]");
  }
  return options;
}

PlanOptions Search::options_at(const run::NextStage& stage) const {
  PlanOptions options = stage_options(measured_time(stage));
  const auto changes = at_rate(*plan_, stage.rate);
  for (const auto& [path, value] : *changes) {
    options.set.push_back(fmt::format("{}={}", path, value));
  }
  options.seed = plan_->seed;
  options.run_id.reset();  // each stage is a run of its own: its keys must be fresh
  return options;
}

std::optional<model::CapacityStage> Search::run_stage(const run::NextStage& stage) {
  const PlanOptions options = options_at(stage);
  const auto plan = load_plan(options, PlanWarnings::kLeaveOut);
  if (!plan) {
    ended_ = ExitCode::kUsage;
    return std::nullopt;
  }
  if (!command_.quiet) {
    terminal_.print(fmt::format("\n{} {} for {}\n", stage.confirmation ? "confirming" : "trying",
                                format_rate(stage.rate), format_duration(plan->load.duration)));
  }
  SessionResult session =
      run_session(plan,
                  {.directory = fmt::format("{}/stage-{:02}", directory_, stages_.size() + 1),
                   .command = command_that_repeats(options, *plan),
                   .strict = false,
                   .spans = views_->take_spans()},
                  *views_, stop_);
  last_ = std::move(session.record);
  switch (session.exit_code) {
    case ExitCode::kUsage:
    case ExitCode::kInternal:
    case ExitCode::kNotWritten:
    case ExitCode::kInterrupted:
    case ExitCode::kTerminated:
      ended_ = session.exit_code;
      return std::nullopt;
    case ExitCode::kUnreachable:
      if (stages_.empty()) {
        ended_ = session.exit_code;
        return std::nullopt;
      }
      break;  // it was there before: this much load was too much
    case ExitCode::kPass:
    case ExitCode::kCheckFailed:
    case ExitCode::kInvalid:
    case ExitCode::kCorrectness:
    case ExitCode::kRegression:
    case ExitCode::kInconclusive:
      break;
  }
  if (stop_.raised()) {
    ended_ = stop_.signal() == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted;
    return std::nullopt;
  }
  return stage_of(last_, stage);
}

void Search::print_stage(const model::CapacityStage& stage) const {
  terminal_.print(fmt::format(
      "{:>10}  {:<13}p50 {:<8} p99 {:<8} errors {:<7} completed {}{}\n", format_rate(stage.rate),
      model::to_string(stage.verdict), format_duration(stage.p50), format_duration(stage.p99),
      format_share(Share{stage.error_rate}), format_rate(Rate{stage.completed_per_s}),
      stage.reason.empty() ? "" : "  (" + printable(stage.reason, 100) + ")"));
}

ExitCode Search::judge(model::RunRecord& record) const {
  const model::Capacity& capacity = record.capacity;
  record.reasons.clear();
  record.verdict = model::Verdict::kPass;
  record.exit_code = ExitCode::kPass;
  const Rate wanted = command_.at_least.empty() ? Rate{} : parse_rate(command_.at_least).value();
  if (capacity.limit == model::CapacityLimit::kUndecided && capacity.rate.per_second <= 0) {
    judge_undecided(record, wanted);
  } else if (ended_ && capacity.limit == model::CapacityLimit::kNothing &&
             capacity.upper.per_second <= 0) {
    record.verdict = model::Verdict::kInconclusive;  // and the reason follows
  } else if (capacity.limit == model::CapacityLimit::kNothing || capacity.rate < wanted) {
    record.verdict = model::Verdict::kFail;
    record.exit_code = ExitCode::kCheckFailed;
    record.reasons.push_back(capacity.rate < wanted
                                 ? fmt::format("the capacity of {} is below the {} asked for",
                                               format_rate(capacity.rate), format_rate(wanted))
                                 : "no rate held");
  } else if (!capacity.confirmed) {
    record.verdict = model::Verdict::kInconclusive;
    record.exit_code = ExitCode::kInconclusive;
    record.reasons.emplace_back("the capacity was not confirmed by a longer stage");
  }
  if (ended_) {
    record.exit_code = *ended_;
    record.interrupted = true;
    record.reasons.emplace_back("the search was ended before it was done");
  }
  return record.exit_code;
}

// Too few samples are neither a pass nor a failure, unless what failed answers the question.
void Search::judge_undecided(model::RunRecord& record, Rate wanted) const {
  const Rate upper = record.capacity.upper;
  if (upper.per_second > 0 && upper <= wanted) {
    record.verdict = model::Verdict::kFail;
    record.exit_code = ExitCode::kCheckFailed;
    record.reasons.push_back(fmt::format("{} did not hold, and {} was asked for",
                                         format_rate(upper), format_rate(wanted)));
    return;
  }
  record.verdict = model::Verdict::kInconclusive;
  record.exit_code = ExitCode::kInconclusive;
  const std::string why = stages_.back().reason;
  record.reasons.push_back(fmt::format(
      "no rate could be decided: too few samples, in a stage of {} too; give --stage more time, "
      "--from a higher rate, or a lower percentile to --require{}",
      format_duration(last_.measured_duration),
      why.empty() ? "" : " (" + printable(why, 200) + ")"));
}

ExitCode Search::finish(const run::CapacitySearch& search) {
  model::RunRecord record = any_passed_ ? std::move(passing_) : std::move(last_);
  record.capacity = search.result();
  for (const auto& [condition, where] : plan_->checks.require) {
    record.capacity.conditions.push_back(condition.source);
  }
  record.capacity.stages = stages_;
  record.command = model::redact(command_.typed, plan_->secrets);
  ExitCode code = judge(record);
  if (const auto written = write_reports(directory_, record, registries().formats); !written) {
    say("squall: {}\n", to_string(written.error()));
    code = model::worse(code, ExitCode::kNotWritten);
  }
  terminal_.print_summary(record, directory_);
  return code;
}

ExitCode Search::run() {
  if (!prepare()) {
    return terminal_.without_run(ExitCode::kUsage);
  }
  const auto options = search_options();
  views_ = options ? LiveViews::open_or_tell(terminal_, command_.live, *plan_) : nullptr;
  if (views_ == nullptr) {
    return terminal_.without_run(ExitCode::kUsage);
  }
  auto directory = make_run_directory(command_.directory, *plan_, wall_clock_now());
  if (!directory) {
    say("squall: {}\n", to_string(directory.error()));
    return terminal_.without_run(directory.error().code == ErrorCode::kInvalidArgument
                                     ? ExitCode::kUsage
                                     : ExitCode::kNotWritten);
  }
  directory_ = std::move(*directory);
  announce_conditions();
  run::CapacitySearch search(*options);
  while (const auto next = search.next()) {
    const auto stage = run_stage(*next);
    if (!stage) {
      break;
    }
    print_stage(*stage);
    stages_.push_back(*stage);
    if (stage->verdict == StageVerdict::kPass) {
      passing_ = last_;
      any_passed_ = true;
    }
    search.add(stage->verdict);
  }
  return stages_.empty() ? terminal_.without_run(ended_.value_or(ExitCode::kInternal))
                         : finish(search);
}

constexpr const char* kFooter = R"(
The rate doubles until a condition breaks, the gap is bisected until it is as narrow as --resolution,
and a longer stage confirms what was found. Each stage is a run of the plan with its own directory;
a stage in which squall itself fell short is repeated, and named as the limit when it does again.
With too few samples to decide the rate goes up, or the stage is repeated for longer (exit 7 when
no rate can be decided). --require replaces the plan's require and findings, and error_rate < 1% is
added unless a condition names error_rate.

  squall find plans/checkout.toml --require "response p99 < 100ms" --require "error_rate < 1%"
  squall find my-plan.toml --require "response p99 < 200ms" --at-least 500/s      a gate: exit 1 below)";

}  // namespace

void add_find_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<FindCommand>();
  CLI::App* find = tree.add_subcommand(
      "find",
      "Find a capacity: the highest rate at which conditions hold, confirmed, with its curve");
  find->footer(kFooter);
  find->add_option("PLAN", command->plan.file,
                   "The plan, a TOML file; its open scenarios keep their "
                   "shares of the rate")
      ->required();
  find->add_option("--require", command->require,
                   "A condition that must hold (default: those of the plan)")
      ->type_name("CONDITION")
      ->check(no_condition)
      ->allow_extra_args(false);
  find->add_option("--at-least", command->at_least, "Exit 1 when the capacity is lower")
      ->type_name("RATE")
      ->check(no_rate);
  find->add_option("--from", command->from, "The first rate to try (default: the plan's)")
      ->type_name("RATE")
      ->check(no_rate);
  find->add_option("--to", command->to,
                   "The highest rate to try; the plan's max_rate may end the search before it")
      ->type_name("RATE")
      ->check(no_rate)
      ->capture_default_str();
  find->add_option("--stage", command->stage, "Measured time of a stage")
      ->type_name("TIME")
      ->check(no_duration)
      ->capture_default_str();
  find->add_option("--confirm", command->confirm, "Measured time of the stage that confirms")
      ->type_name("TIME")
      ->check(no_duration)
      ->capture_default_str();
  find->add_option("--warmup", command->warmup, "Warm-up before each stage")
      ->type_name("TIME")
      ->check(no_duration)
      ->capture_default_str();
  find->add_option("--resolution", command->resolution, "How narrow the gap between hold and break")
      ->type_name("SHARE")
      ->check(no_share)
      ->capture_default_str();
  add_plan_options(*find, command->plan);
  find->add_option("--out", command->directory,
                   "Directory for the results, new or empty (default: squall-runs/PLAN-TIME-SEED)")
      ->type_name("DIR");
  find->add_flag("--quiet,-q", command->quiet, "One line for each stage, and the result");
  find->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  add_live_options(*find, command->live);
  add_otlp_option(*find, command->live);
  find->callback([command, &cli] {
    command->typed = cli.typed;
    cli.action = [command, &cli] { return Search(*command, cli.stop).run(); };
  });
}

}  // namespace squall::app
