// squall replay DIR --key K, and DIR --property N
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "faults/process/free_port.hpp"
#include "faults/process/services.hpp"
#include "faults/proxy/planned_proxies.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/recorded_run.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/replay_property.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/effects/effect_accounting.hpp"
#include "loadgen/effects/planned_keys.hpp"
#include "loadgen/model/timeline.hpp"
#include "loadgen/run/journal.hpp"
#include "loadgen/run/oracle_context.hpp"
#include "loadgen/run/plain_request.hpp"
#include "loadgen/run/replay.hpp"
#include "loadgen/run/waiting.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct ReplayCommand {
  std::string directory;
  std::string key;
  std::string property;  // instead of a key
  unsigned times = 20;
  bool same_key = false;
  std::vector<std::string> targets;
  std::vector<std::string> allow;
};

// The operation that is repeated.
struct Recorded {
  model::RunRecord record;
  std::string plan_text;
  model::EffectOperation operation;
  // What went wrong with it; nothing when the record does not say: it was right, or not among the
  // cases that the record shows.
  std::optional<model::EffectVerdict> verdict;
};

std::optional<model::EffectVerdict> recorded_verdict(const model::RunRecord& record,
                                                     const std::string& key) {
  for (const model::EffectCase& one : record.effects.cases) {
    if (one.operation.key == key && one.verdict != model::EffectVerdict::kUndecided) {
      return one.verdict;
    }
  }
  return std::nullopt;
}

Result<Recorded> find_operation(const ReplayCommand& command) {
  auto record = read_recorded_run(command.directory);
  if (!record) {
    return fail(record.error());
  }
  auto text = read_file(command.directory + "/plan.toml");
  if (!text) {
    return fail(text.error());
  }
  auto excerpt = run::read_ledger(command.directory, record->steps, {command.key});
  if (!excerpt) {
    return fail(excerpt.error());
  }
  if (excerpt->operations.empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("no operation with the key {} in {}/ledger.ndjson{}", command.key,
                            command.directory,
                            record->idempotency == nullptr
                                ? ""
                                : "; a run of `squall idempotency` has none: the trials of a "
                                  "property are repeated with --property NUMBER"));
  }
  const auto verdict = recorded_verdict(*record, command.key);
  return Recorded{std::move(*record), std::move(*text), excerpt->operations.front(), verdict};
}

// Gives the same ports to each load of the plan, so that all share the services that the first one
// started.
class PortMemory {
 public:
  Result<std::uint16_t> next() {
    if (at_ < ports_.size()) {
      return ports_[at_++];
    }
    auto port = faults::free_port();
    if (port) {
      ports_.push_back(*port);
      ++at_;
    }
    return port;
  }
  void rewind() { at_ = 0; }

 private:
  std::vector<std::uint16_t> ports_;
  std::size_t at_ = 0;
};

// One repetition: its own keys, its own reading of the oracles.
struct Repetition {
  model::EffectVerdict verdict = model::EffectVerdict::kOk;
  std::uint64_t effects = 0;  // new ones
  std::uint64_t before = 0;   // that its key had already
  model::OperationOutcome outcome = model::OperationOutcome::kUnknown;
  std::vector<model::EffectAttempt> attempts;

  [[nodiscard]] bool wrong() const { return verdict != model::EffectVerdict::kOk; }
};

// Of every effect that the iteration of that operation asks for.
std::vector<std::string> keys_of(const model::Plan& plan, const model::EffectOperation& operation) {
  std::vector<std::string> keys;
  for (const std::uint16_t index : plan.scenarios[plan.steps[operation.step].scenario].steps) {
    const model::Step& step = plan.steps[index];
    for (std::uint32_t visit = 0; step.is_effect && visit < step.max_visits; ++visit) {
      if (auto key = effects::planned_key(plan, step, {operation.arrival, visit})) {
        keys.push_back(std::move(*key));
      }
    }
  }
  return keys;
}

// Fills in effects and verdict. A key that had its effect before this repetition (--same-key) is
// right without a new one, and wrong with one more.
Result<void> judge_repetition(const model::EffectReport& report,
                              const model::EffectOperation& operation, const model::Plan& plan,
                              Repetition& result) {
  const model::OracleReport& oracle = report.oracles.front();
  for (const model::EffectCounts& counts : report.steps) {
    if (counts.step == plan.steps[operation.step].full_name) {
      result.effects = counts.effects;
    }
  }
  for (const model::EffectCase& one : report.cases) {
    if (one.verdict == model::EffectVerdict::kUndecided) {
      return fail(ErrorCode::kUnavailable, "the effects cannot be counted: " + oracle.problem);
    }
    if (one.operation.step == operation.step && one.operation.visit == operation.visit) {
      result.verdict = one.verdict;
    }
  }
  if (result.before > 0) {
    result.verdict =
        result.effects > 0 ? model::EffectVerdict::kDuplicate : model::EffectVerdict::kOk;
  }
  if (oracle.still_changing() && result.verdict != model::EffectVerdict::kDuplicate) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("the effects cannot be counted: after {} they were still changing",
                            format_duration(oracle.settle_time)));
  }
  return {};
}

Result<Repetition> repeat(const model::Plan& plan, const model::EffectOperation& operation,
                          Duration offset, const std::string& plan_file) {
  effects::EffectAccounting::Options options;
  options.cases_per_verdict = std::numeric_limits<std::size_t>::max();  // one iteration has few
  effects::EffectAccounting accounting(plan, std::move(options));
  const SystemClock clock;
  const effects::Wait wait = run::plain_wait();
  const effects::SettleProgress silent = [](std::string_view) {};
  if (auto started = accounting.start(run::oracle_context(plan, plan_file)); !started) {
    return fail(started.error());
  }
  const std::vector<std::string> known = keys_of(plan, operation);
  if (auto read = accounting.baseline(clock, wait, silent, known); !read) {
    return fail(read.error());
  }
  const run::ReplayedIteration iteration =
      run::replay_iteration(plan, plan.steps[operation.step].scenario, operation.arrival, offset);
  model::Ledger ledger(plan.steps.size());
  for (const model::EffectOperation& done : iteration.operations) {
    ledger.add(done);
  }
  const std::vector<std::string> keys = ledger.keys();
  accounting.settle(keys, clock, wait, silent);
  const model::EffectReport report = accounting.report(
      ledger, wall_clock_now(),
      [](const std::set<std::string>&) { return std::vector<model::EffectAttempt>(); });
  Repetition result{.attempts = iteration.attempts};
  for (const model::EffectOperation& done : iteration.operations) {
    if (done.step == operation.step && done.visit == operation.visit) {
      result.outcome = done.outcome;
      result.before = accounting.effects_before(done.key);
    }
  }
  if (const auto judged = judge_repetition(report, operation, plan, result); !judged) {
    return fail(judged.error());
  }
  return result;
}

// Whether that is what was recorded: the same kind of wrong, or any where the record names none.
bool shows_again(const Repetition& repetition, const Recorded& recorded) {
  return repetition.wrong() && (!recorded.verdict || *recorded.verdict == repetition.verdict);
}

void print_repetition(unsigned number, const Repetition& repetition, const Recorded& recorded) {
  const std::string_view mark = shows_again(repetition, recorded) ? "HIT"
                                : repetition.wrong()              ? "OTHER"
                                                                  : "";
  const std::string more =
      repetition.before > 0 ? fmt::format(" beside {} that its key had", repetition.before) : "";
  print("{:>3}  {:<5} {:<9} {} effect{}{}, {}\n", number, mark,
        model::to_string(repetition.verdict), repetition.effects,
        repetition.effects == 1 ? "" : "s", more, model::to_string(repetition.outcome));
  for (const model::EffectAttempt& attempt : repetition.attempts) {
    print("       {}\n", model::timeline_line(recorded.record, attempt));
  }
}

// What all repetitions of one replay share.
struct Rehearsal {
  const ReplayCommand& command;
  const Recorded& recorded;
  const std::string file;  // the run's plan
  const run::StopSignal& stop;
  PortMemory ports = {};

  // The nth repetition's: all of its keys are derived from it.
  [[nodiscard]] std::string run_id(unsigned n) const {
    return command.same_key
               ? recorded.record.run_id
               : fmt::format("{}r{:x}-{}", recorded.record.run_id, entropy() & 0xffff, n);
  }
  [[nodiscard]] std::shared_ptr<const model::Plan> load(unsigned n) {
    PlanOptions options;
    options.file = file;
    options.folder = plan_folder(recorded.record.plan_file);
    options.seed = recorded.record.seed;
    options.run_id = run_id(n);
    options.targets = command.targets;
    options.allow = command.allow;
    ports.rewind();
    return load_plan_text(recorded.plan_text, options, [this] { return ports.next(); });
  }
};

ExitCode stopped_by(const run::StopSignal& stop) {
  return stop.signal() == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted;
}

void print_rate(unsigned hits, unsigned wrong, unsigned done, const Rehearsal& rehearsal) {
  const std::string kind = rehearsal.recorded.verdict
                               ? fmt::format(", {}", model::to_string(*rehearsal.recorded.verdict))
                               : "";
  print("{} of {} repetitions show it again{} ({}, without load beside them)\n", hits, done, kind,
        rehearsal.command.same_key ? "same key" : "fresh keys");
  if (wrong > hits) {
    print("{} went wrong in another way\n", wrong - hits);
  }
}

// Set-up and repetitions; services are running.
ExitCode repeat_all(Rehearsal& rehearsal, const model::Plan& first, Duration offset) {
  const ReplayCommand& command = rehearsal.command;
  if (auto sent = run::set_up(first, rehearsal.stop); !sent) {
    say("squall: set-up: {}\n", model::redact(to_string(sent.error()), first.secrets));
    return ExitCode::kUnreachable;
  }
  unsigned hits = 0;
  unsigned wrong = 0;
  unsigned done = 0;
  for (; done < command.times && !rehearsal.stop.raised(); ++done) {
    const auto plan = rehearsal.load(done);
    if (!plan) {
      return ExitCode::kUsage;
    }
    auto repetition =
        repeat(*plan, rehearsal.recorded.operation, offset, rehearsal.recorded.record.plan_file);
    if (!repetition) {
      say("squall: {}\n", model::redact(to_string(repetition.error()), plan->secrets));
      return ExitCode::kInvalid;
    }
    hits += shows_again(*repetition, rehearsal.recorded) ? 1U : 0U;
    wrong += repetition->wrong() ? 1U : 0U;
    print_repetition(done + 1, *repetition, rehearsal.recorded);
  }
  print_rate(hits, wrong, done, rehearsal);
  if (wrong > 0) {
    return ExitCode::kCorrectness;
  }
  return rehearsal.stop.raised() ? stopped_by(rehearsal.stop) : ExitCode::kPass;
}

ExitCode rehearse(const ReplayCommand& command, const Recorded& recorded,
                  const run::StopSignal& stop) {
  Rehearsal rehearsal{command, recorded, command.directory + "/plan.toml", stop};
  const auto plan = rehearsal.load(0);
  if (!plan) {
    return ExitCode::kUsage;
  }
  const auto offset = run::offset_of(*plan, plan->steps[recorded.operation.step].scenario,
                                     recorded.operation.arrival);
  if (!offset) {
    say("squall: the plan has no arrival {}\n", recorded.operation.arrival);
    return ExitCode::kUsage;
  }
  note_services(command.targets, *plan);
  print(
      "{}, arrival {}, due {:+.3f}s from the start of the plan's measured phase; the times "
      "below count from there too\n",
      plan->steps[recorded.operation.step].full_name, recorded.operation.arrival,
      to_seconds(*offset));
  faults::PlannedProxies proxies(*plan, registries().toxics);
  if (auto started = proxies.start(); !started) {
    say("squall: {}\n", model::redact(to_string(started.error()), plan->secrets));
    return ExitCode::kInvalid;
  }
  faults::Services services({.log_directory = command.directory + "/replay-services",
                             .program_directory = {},
                             .guardian_program = {},
                             .stop_requested = [&stop] { return stop.raised(); },
                             .working_directory = plan_folder(recorded.record.plan_file)});
  if (auto started = services.start_all(plan->services); !started) {
    say("squall: {}\n", model::redact(to_string(started.error()), plan->secrets));
    return ExitCode::kUnreachable;
  }
  const ExitCode code = repeat_all(rehearsal, *plan, *offset);
  for (const Error& error : run::tear_down(*plan)) {
    say("squall: teardown: {}\n", model::redact(to_string(error), plan->secrets));
  }
  return code;
}

ExitCode act(const ReplayCommand& command, const run::StopSignal& stop) {
  if (command.key.empty() && command.property.empty()) {
    say("squall: say what is to be repeated: --key KEY or --property NUMBER\n");
    return ExitCode::kUsage;
  }
  if (!command.property.empty()) {
    return replay_property({.directory = command.directory,
                            .property = command.property,
                            .times = command.times,
                            .targets = command.targets,
                            .allow = command.allow},
                           stop);
  }
  const auto recorded = find_operation(command);
  if (!recorded) {
    say("squall: {}\n", to_string(recorded.error()));
    return ExitCode::kUsage;
  }
  return rehearse(command, *recorded, stop);
}

constexpr const char* kFooter = R"(
Its faults are the client faults that were decided for it; faults on proxies and actions are left out.

Examples (the report prints the keys of operations that went wrong):
  squall replay squall-runs/DIR --key KEY
  squall replay squall-runs/DIR --key KEY --times 20
  squall replay squall-runs/DIR --key KEY --same-key
  squall replay squall-runs/DIR --property 4       the trials of a property that `squall idempotency` found broken)";

}  // namespace

void add_replay_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<ReplayCommand>();
  CLI::App* replay = tree.add_subcommand(
      "replay",
      "Repeat one operation of a run with its faults, alone, or the trials of a property of "
      "idempotency, and count effects. Exit 5 when it goes wrong again");
  replay->footer(kFooter);
  replay->add_option("DIR", command->directory, "A run's directory")->required();
  CLI::Option* const key =
      replay->add_option("--key,-k", command->key, "The operation's key, as the report prints it");
  replay
      ->add_option("--property", command->property,
                   "In place of a key: the trials of a property of `squall idempotency`, by number "
                   "or name")
      ->type_name("PROPERTY")
      ->excludes(key);
  replay->add_option("--times,-n", command->times, "How often")
      ->check(CLI::Range(1U, 10000U))
      ->capture_default_str();
  replay
      ->add_flag("--same-key", command->same_key,
                 "Keep the recorded key instead of a fresh one for each repetition: where it had "
                 "its effect, one more is wrong")
      ->needs(key);
  replay
      ->add_option(
          "--target", command->targets,
          "Send to this URL instead of the plan's: [NAME=]URL (first target without NAME). "
          "A host that is not loopback must be named by --allow too")
      ->type_name("[NAME=]URL")
      ->allow_extra_args(false);
  replay->add_option("--allow", command->allow, "A host that squall may send to: HOST[:PORT]")
      ->type_name("HOST")
      ->allow_extra_args(false);
  replay->callback(
      [command, &cli] { cli.action = [command, &cli] { return act(*command, cli.stop); }; });
}

}  // namespace squall::app
