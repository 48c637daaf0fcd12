// squall replay DIR --key K
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <set>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "faults/process/free_port.hpp"
#include "faults/process/services.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/recorded_run.hpp"
#include "loadgen/app/registries.hpp"
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
  unsigned times = 20;
  bool same_key = false;
};

// The operation that is repeated.
struct Recorded {
  model::RunRecord record;
  std::string plan_text;
  model::EffectOperation operation;
};

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
                fmt::format("no operation with the key {} in {}/ledger.ndjson", command.key,
                            command.directory));
  }
  return Recorded{std::move(*record), std::move(*text), excerpt->operations.front()};
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

std::shared_ptr<const model::Plan> load_for(const Recorded& recorded, const std::string& file,
                                            const std::string& run_id, PortMemory& ports) {
  PlanOptions options;
  options.file = file;
  options.folder = std::filesystem::path(recorded.record.plan_file).parent_path().string();
  options.seed = recorded.record.seed;
  options.run_id = run_id;
  ports.rewind();
  return load_plan_text(recorded.plan_text, options, [&ports] { return ports.next(); });
}

// One repetition: its own keys, its own reading of the oracles.
struct Repetition {
  bool reproduced = false;
  std::uint64_t effects = 0;
  model::OperationOutcome outcome = model::OperationOutcome::kUnknown;
  std::vector<model::EffectAttempt> attempts;
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

Result<Repetition> repeat(const model::Plan& plan, const model::EffectOperation& operation,
                          Duration offset, const std::string& plan_file) {
  effects::EffectAccounting accounting(plan);
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
  for (const model::EffectCounts& counts : report.steps) {
    if (counts.step != plan.steps[operation.step].full_name) {
      continue;
    }
    const auto with = [&](model::EffectVerdict verdict) {
      return counts.verdicts[static_cast<std::size_t>(verdict)];
    };
    if (with(model::EffectVerdict::kUndecided) > 0) {
      const std::string& problem = report.oracles.front().problem;
      return fail(ErrorCode::kUnavailable, "the effects cannot be counted: " + problem);
    }
    if (report.oracles.front().still_changing() && with(model::EffectVerdict::kDuplicate) == 0) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("the effects cannot be counted: after {} they were still changing",
                              format_duration(report.oracles.front().settle_time)));
    }
    result.effects = counts.effects;
    result.reproduced = with(model::EffectVerdict::kDuplicate) + with(model::EffectVerdict::kLost) +
                            with(model::EffectVerdict::kPhantom) >
                        0;
  }
  for (const model::EffectOperation& done : iteration.operations) {
    if (done.step == operation.step && done.visit == operation.visit) {
      result.outcome = done.outcome;
    }
  }
  return result;
}

void print_repetition(unsigned number, const Repetition& repetition,
                      const model::RunRecord& record) {
  print("{:>3}  {} {} effect{}  {}\n", number, repetition.reproduced ? "HIT " : "    ",
        repetition.effects, repetition.effects == 1 ? " " : "s",
        model::to_string(repetition.outcome));
  for (const model::EffectAttempt& attempt : repetition.attempts) {
    print("       {}\n", model::timeline_line(record, attempt));
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
    return load_for(recorded, file, run_id(n), ports);
  }
};

ExitCode stopped_by(const run::StopSignal& stop) {
  return stop.signal() == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted;
}

// Set-up and repetitions; services are running.
ExitCode repeat_all(Rehearsal& rehearsal, const model::Plan& first, Duration offset) {
  const ReplayCommand& command = rehearsal.command;
  if (auto sent = run::set_up(first, rehearsal.stop); !sent) {
    fmt::print(stderr, "squall: set-up: {}\n", to_string(sent.error()));
    return ExitCode::kUnreachable;
  }
  unsigned hits = 0;
  unsigned done = 0;
  for (; done < command.times && !rehearsal.stop.raised(); ++done) {
    const auto plan = rehearsal.load(done);
    if (!plan) {
      return ExitCode::kUsage;
    }
    auto repetition =
        repeat(*plan, rehearsal.recorded.operation, offset, rehearsal.recorded.record.plan_file);
    if (!repetition) {
      fmt::print(stderr, "squall: {}\n",
                 model::redact(to_string(repetition.error()), plan->secrets));
      return ExitCode::kInvalid;
    }
    hits += repetition->reproduced ? 1U : 0U;
    print_repetition(done + 1, *repetition, rehearsal.recorded.record);
  }
  print("{} of {} repetitions show it again ({}, without load beside them)\n", hits, done,
        command.same_key ? "same key" : "fresh keys");
  if (hits > 0) {
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
    fmt::print(stderr, "squall: the plan has no arrival {}\n", recorded.operation.arrival);
    return ExitCode::kUsage;
  }
  faults::Services services({.log_directory = command.directory + "/replay-services",
                             .program_directory = {},
                             .guardian_program = {},
                             .stop_requested = [&stop] { return stop.raised(); }});
  if (auto started = services.start_all(plan->services); !started) {
    fmt::print(stderr, "squall: {}\n", model::redact(to_string(started.error()), plan->secrets));
    return ExitCode::kUnreachable;
  }
  const ExitCode code = repeat_all(rehearsal, *plan, *offset);
  for (const Error& error : run::tear_down(*plan)) {
    fmt::print(stderr, "squall: teardown: {}\n", to_string(error));
  }
  return code;
}

ExitCode act(const ReplayCommand& command, const run::StopSignal& stop) {
  const auto recorded = find_operation(command);
  if (!recorded) {
    fmt::print(stderr, "squall: {}\n", to_string(recorded.error()));
    return ExitCode::kUsage;
  }
  return rehearse(command, *recorded, stop);
}

constexpr const char* kFooter = R"(
Examples (the report prints the keys of operations that went wrong):
  squall replay squall-runs/DIR --key KEY
  squall replay squall-runs/DIR --key KEY --times 20
  squall replay squall-runs/DIR --key KEY --same-key)";

}  // namespace

void add_replay_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<ReplayCommand>();
  CLI::App* replay = tree.add_subcommand(
      "replay",
      "Repeat one operation of a run with its faults, alone, and count its effects. Exit 5 when it "
      "goes wrong again");
  replay->footer(kFooter);
  replay->add_option("DIR", command->directory, "A run's directory")->required();
  replay->add_option("--key,-k", command->key, "The operation's key, as the report prints it")
      ->required();
  replay->add_option("--times,-n", command->times, "How often")
      ->check(CLI::Range(1U, 10000U))
      ->capture_default_str();
  replay->add_flag("--same-key", command->same_key,
                   "Keep the recorded key instead of a fresh one for each repetition");
  replay->callback(
      [command, &cli] { cli.action = [command, &cli] { return act(*command, cli.stop); }; });
}

}  // namespace squall::app
