#include "loadgen/run/run.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/effects/effect_accounting.hpp"
#include "loadgen/engine/pacer.hpp"
#include "loadgen/run/foreign_keys.hpp"
#include "loadgen/run/iteration.hpp"
#include "loadgen/run/load_phase.hpp"
#include "loadgen/run/one_line.hpp"
#include "loadgen/run/oracle_context.hpp"
#include "loadgen/run/plain_request.hpp"
#include "loadgen/run/reach_targets.hpp"
#include "loadgen/run/record_identity.hpp"
#include "loadgen/run/skew_sweep.hpp"
#include "loadgen/run/waiting.hpp"

namespace squall::run {
namespace {

using model::ExitCode;
using model::Stage;

// Why the load cannot begin.
struct Refusal {
  ExitCode code;
  std::string reason;
};

// As a run that got further is judged.
model::Verdict verdict_of_refusal(ExitCode code) {
  switch (code) {
    case ExitCode::kInvalid:
    case ExitCode::kNotWritten:
      return model::Verdict::kInvalid;
    case ExitCode::kInterrupted:
    case ExitCode::kTerminated:
      return model::Verdict::kInconclusive;
    case ExitCode::kPass:
    case ExitCode::kCheckFailed:
    case ExitCode::kUsage:
    case ExitCode::kUnreachable:
    case ExitCode::kCorrectness:
    case ExitCode::kRegression:
    case ExitCode::kInconclusive:
    case ExitCode::kInternal:
      return model::Verdict::kFail;
  }
  return model::Verdict::kFail;
}

engine::PaceChoice pace_of(const model::Plan& plan) {
  bool on_this_host = false;
  for (const model::Target& target : plan.targets) {
    for (const model::Endpoint& replica : target.replicas) {
      on_this_host = on_this_host || model::is_loopback(replica.host);
    }
  }
  return engine::choose_pace(plan.load.pace, plan.load.threads, std::thread::hardware_concurrency(),
                             on_this_host);
}

// Tells how settling goes on: what is new at once, the same again every few seconds.
class Retelling {
 public:
  [[nodiscard]] bool is_due(std::string_view text, TimePoint now) {
    constexpr Duration kSameAgain = std::chrono::seconds(5);
    const std::string_view news = text.substr(0, text.rfind(','));  // behind it: the time it took
    if (news == told_ && now - at_ < kSameAgain) {
      return false;
    }
    told_ = news;
    at_ = now;
    return true;
  }

 private:
  std::string told_;
  TimePoint at_{};
};

// One run from start to end; each phase is a function that gives a Refusal when the run cannot go
// on.
class RunInProgress {
 public:
  RunInProgress(const RunInputs& inputs, model::ProgressView& view, const StopSignal& stop)
      : inputs_(inputs),
        plan_(*inputs.plan),
        view_(view),
        stop_(stop),
        pace_(pace_of(plan_)),
        accounting_(plan_),
        ledger_(plan_.steps.size()) {
    result_.record = identity_of(plan_, inputs.version, inputs.command, pace_.reason);
    if (!inputs.hooks.instead_of_load) {
      result_.record.timeline = planned_timeline(slots(), plan_.load);
    }
  }

  RunResult execute();

 private:
  using Phase = std::optional<Refusal> (RunInProgress::*)();

  [[nodiscard]] std::vector<model::TimelineSlot> slots() const;
  std::optional<Refusal> open_journal();
  std::optional<Refusal> start_oracles();
  std::optional<Refusal> start_proxies();
  std::optional<Refusal> start_services();
  std::optional<Refusal> set_up();
  std::optional<Refusal> preflight();
  std::optional<Refusal> sweep_skew();
  std::optional<Refusal> read_baseline();
  void expect_effects(const IterationTrace& trace);
  std::optional<Refusal> work();
  void load();
  void await_other_shards();
  void count_effects();
  void tear_down();
  void refuse(const Refusal& refusal);
  void keep(const Result<void>& written);
  void note(const char* kind, const std::string& text);
  void notice_signal();
  void notice_services();
  [[nodiscard]] TimePoint zero() const;
  [[nodiscard]] bool answers_are_over() const;
  [[nodiscard]] effects::SettleProgress progress_of(Stage stage);

  const RunInputs& inputs_;
  const model::Plan& plan_;
  model::ProgressView& view_;
  const StopSignal& stop_;
  engine::PaceChoice pace_;
  SystemClock clock_;
  effects::EffectAccounting accounting_;
  model::Ledger ledger_;
  RunResult result_;
};

std::vector<model::TimelineSlot> RunInProgress::slots() const {
  std::vector<model::TimelineSlot> slots;
  for (const auto& action : inputs_.hooks.timeline) {
    slots.push_back(action->slot());
    slots.back().description = model::redact(slots.back().description, plan_.secrets);
  }
  return slots;
}

void RunInProgress::keep(const Result<void>& written) {
  if (!written && !result_.not_written) {
    result_.not_written = written.error();
  }
}

void RunInProgress::note(const char* kind, const std::string& text) {
  const Duration now = wall_clock_now() - result_.record.started;
  model::RunEvent event{now, kind, model::redact(text, plan_.secrets)};
  if (result_.journal) {
    keep(result_.journal->event(event));
  }
  view_.event(event);
  result_.record.events.push_back(std::move(event));
}

std::optional<Refusal> RunInProgress::open_journal() {
  auto journal =
      Journal::open(inputs_.directory, result_.record, {.history = plan_.history != nullptr});
  if (!journal) {
    return Refusal{ExitCode::kNotWritten, to_string(journal.error())};
  }
  result_.journal = std::move(*journal);
  return std::nullopt;
}

std::optional<Refusal> RunInProgress::start_oracles() {
  if (auto started = accounting_.start(oracle_context(plan_, plan_.file)); !started) {
    return Refusal{ExitCode::kInvalid, to_string(started.error())};
  }
  return std::nullopt;
}

std::optional<Refusal> RunInProgress::start_proxies() {
  if (plan_.proxies.empty() || !inputs_.hooks.start_proxies) {
    return std::nullopt;
  }
  if (auto started = inputs_.hooks.start_proxies(); !started) {
    const bool usage = started.error().code == ErrorCode::kInvalidArgument;
    return Refusal{usage ? ExitCode::kUsage : ExitCode::kInvalid, to_string(started.error())};
  }
  return std::nullopt;
}

std::optional<Refusal> RunInProgress::start_services() {
  if (plan_.services.empty() || !inputs_.hooks.start_services) {
    return std::nullopt;
  }
  view_.stage(Stage::kServices, "");
  if (auto started = inputs_.hooks.start_services(); !started) {
    const bool usage = started.error().code == ErrorCode::kNotFound ||
                       started.error().code == ErrorCode::kInvalidArgument;
    return Refusal{usage ? ExitCode::kUsage : ExitCode::kUnreachable, to_string(started.error())};
  }
  return std::nullopt;
}

std::optional<Refusal> RunInProgress::set_up() {
  if (plan_.load.shard.index > 0) {
    return std::nullopt;  // the first shard does it, before the common start
  }
  if (!plan_.setup.empty()) {
    view_.stage(Stage::kSetup, "");
  }
  if (auto sent = run::set_up(plan_, stop_); !sent) {
    return Refusal{ExitCode::kUnreachable, "set-up: " + to_string(sent.error())};
  }
  return std::nullopt;
}

std::optional<Refusal> RunInProgress::preflight() {
  if (!plan_.preflight) {
    return std::nullopt;
  }
  view_.stage(Stage::kPreflight, "");
  if (plan_.scenarios.empty()) {
    if (auto reached = reach_targets(plan_, stop_); !reached) {
      return Refusal{
          ExitCode::kUnreachable,
          fmt::format("preflight: {} (--no-preflight starts anyway)", reached.error().message)};
    }
  }
  for (const model::Scenario& scenario : plan_.scenarios) {
    if (stop_.raised()) {
      return std::nullopt;
    }
    // Each shard has to see for itself that it gets through, under a key of its own.
    const IterationTrace trace =
        run_iteration(plan_, scenario, kPreflightArrival - plan_.load.shard.index);
    if (trace.succeeded()) {
      expect_effects(trace);
      continue;
    }
    const StepTrace& step = trace.steps.back();
    const bool unreachable = step.how == model::AttemptClass::kRefused ||
                             (step.how == model::AttemptClass::kTimeout && step.status == 0);
    const std::string answer = step.status > 0 ? fmt::format(", status {}", step.status) : "";
    return Refusal{unreachable ? ExitCode::kUnreachable : ExitCode::kCheckFailed,
                   fmt::format("preflight: {} {}{}{}{} (--no-preflight starts the load anyway)",
                               step.step, model::to_string(step.how), answer,
                               step.detail.empty() ? "" : ": ", step.detail)};
  }
  return std::nullopt;
}

// Before the baseline, which then has the effects of what the target accepted.
std::optional<Refusal> RunInProgress::sweep_skew() {
  if (!plan_.skew) {
    return std::nullopt;
  }
  view_.stage(Stage::kSkew, "");
  result_.record.skew = run::sweep_skew(
      plan_, stop_,
      [this](const IterationTrace& trace, Duration /*offset*/) { expect_effects(trace); });
  if (const std::string& problem = result_.record.skew.problem; !problem.empty()) {
    note("skew", problem);
  }
  return std::nullopt;
}

// An oracle must show what was acknowledged without faults and load, else it proves nothing later.
void RunInProgress::expect_effects(const IterationTrace& trace) {
  for (const StepTrace& step : trace.steps) {
    if (step.effect_key && step.how == model::AttemptClass::kSuccess) {
      accounting_.tried({step.index, *step.effect_key});
    }
  }
}

effects::SettleProgress RunInProgress::progress_of(Stage stage) {
  return [this, stage, retelling = Retelling()](std::string_view text) mutable {
    if (stage == Stage::kSettle) {
      notice_signal();
      notice_services();
    }
    if (retelling.is_due(text, monotonic_now())) {
      view_.stage(stage, model::redact(text, plan_.secrets));
    }
  };
}

std::optional<Refusal> RunInProgress::read_baseline() {
  if (plan_.effects.oracles.empty()) {
    return std::nullopt;
  }
  view_.stage(Stage::kBaseline, "");
  auto read =
      accounting_.baseline(clock_, interruptible_wait(stop_), progress_of(Stage::kBaseline));
  if (!read) {
    return Refusal{ExitCode::kInvalid, "effects cannot be counted: " + to_string(read.error())};
  }
  if (const std::string unseen = accounting_.unseen_in_baseline(); !unseen.empty()) {
    note("oracle", unseen);
  }
  return std::nullopt;
}

// The load is over, so there is nothing to stop but the counting, which goes on. That somebody
// asked is told all the same.
void RunInProgress::notice_signal() {
  if (stop_.raised() && !result_.record.interrupted) {
    result_.record.interrupted = true;
    note("signal",
         fmt::format("signal {} after the load: what was sent is still counted and judged; "
                     "another one ends squall at once",
                     stop_.signal()));
  }
}

// t = 0 on the monotonic clock.
TimePoint RunInProgress::zero() const {
  return monotonic_now() - (wall_clock_now() - result_.record.started);
}

void RunInProgress::notice_services() {
  if (!inputs_.hooks.poll_events) {
    return;
  }
  for (const model::RunEvent& event : inputs_.hooks.poll_events(zero())) {
    note(event.kind.c_str(), event.text);
  }
}

// Nobody starts a service again that has ended, and whoever asked squall to stop does not wait for
// an oracle that does not answer.
bool RunInProgress::answers_are_over() const {
  const auto& events = result_.record.events;
  return stop_.raised() || std::any_of(events.begin(), events.end(),
                                       [](const auto& event) { return event.kind == "service"; });
}

std::optional<Refusal> RunInProgress::work() {
  if (!inputs_.hooks.instead_of_load) {
    load();
    count_effects();
    return std::nullopt;
  }
  const WorkNotes notes{
      .event = [this](const char* kind, const std::string& text) { note(kind, text); },
      .idempotency =
          [this](std::shared_ptr<const model::IdempotencyReport> so_far) {
            keep(result_.journal->idempotency(std::move(so_far)));
          }};
  if (auto done = inputs_.hooks.instead_of_load(result_.record, notes); !done) {
    const bool unreachable = done.error().code == ErrorCode::kUnavailable;
    return Refusal{unreachable ? ExitCode::kUnreachable : ExitCode::kCheckFailed,
                   to_string(done.error())};
  }
  return std::nullopt;
}

void RunInProgress::load() {
  LoadPhase phase({.plan = plan_,
                   .hooks = inputs_.hooks,
                   .view = view_,
                   .stop = stop_,
                   .journal = *result_.journal,
                   .ledger = ledger_,
                   .record = result_.record,
                   .spin = pace_.spin});
  if (auto not_written = phase.run(); not_written && !result_.not_written) {
    result_.not_written = std::move(not_written);
  }
}

// A sum counts only when nobody sends any more. With a common start everybody has ended one drain
// after the last arrival at the latest.
void RunInProgress::await_other_shards() {
  const bool sums = std::any_of(
      plan_.effects.oracles.begin(), plan_.effects.oracles.end(),
      [](const model::OracleSpec& oracle) { return oracle.oracle->counts_total_only(); });
  if (plan_.load.shard.is_whole() || !sums) {
    return;
  }
  const Duration left = zero() + plan_.load.duration + plan_.load.drain - monotonic_now();
  if (left > Duration::zero()) {
    note("oracle", fmt::format("waiting up to {} for the other shards to end: an oracle of this "
                               "plan knows only sums",
                               format_duration(left)));
    static_cast<void>(interruptible_wait(stop_)(left));
  }
}

void RunInProgress::count_effects() {
  if (!plan_.counts_effects() || plan_.effects.oracles.empty()) {
    return;
  }
  await_other_shards();
  view_.stage(Stage::kSettle, "");
  // A stop signal ends the load, not the counting: the effects of what was sent are still wanted. A
  // second one ends the process.
  accounting_.settle(ledger_.keys(), clock_, plain_wait(), progress_of(Stage::kSettle),
                     [this] { return answers_are_over(); });
  view_.stage(Stage::kJudge, "");
  const auto fetch = [this](const std::set<std::string>& keys) {
    auto excerpt = read_ledger(inputs_.directory, result_.record.steps,
                               std::set<std::string, std::less<>>(keys.begin(), keys.end()));
    if (!excerpt) {
      note("ledger", to_string(excerpt.error()));
      return std::vector<model::EffectAttempt>();
    }
    return std::move(excerpt->attempts);
  };
  result_.record.effects = accounting_.report(ledger_, result_.record.started, fetch);
  keep(result_.journal->effects(result_.record.effects));
  if (!plan_.load.shard.is_whole()) {
    keep(write_foreign_keys(inputs_.directory, accounting_.foreign_keys(ledger_)));
  }
}

void RunInProgress::tear_down() {
  if (!plan_.teardown.empty()) {
    view_.stage(Stage::kTeardown, "");
  }
  for (const Error& error : run::tear_down(plan_)) {
    note("teardown", to_string(error));
  }
  if (inputs_.hooks.stop_services) {
    for (const model::RunEvent& event : inputs_.hooks.stop_services(zero())) {
      note(event.kind.c_str(), event.text);
    }
  }
  if (inputs_.hooks.stop_proxies) {
    inputs_.hooks.stop_proxies();
  }
}

void RunInProgress::refuse(const Refusal& refusal) {
  model::RunRecord& record = result_.record;
  result_.ended_early = refusal.code;
  record.exit_code = refusal.code;
  record.measured_duration = Duration::zero();
  record.verdict = verdict_of_refusal(refusal.code);
  const std::string reason = in_one_line(refusal.reason);
  record.reasons.push_back(model::redact(reason, plan_.secrets));
  note("refused", reason);
}

RunResult RunInProgress::execute() {
  result_.record.started = wall_clock_now();
  view_.begin(plan_);
  constexpr Phase kPhases[] = {&RunInProgress::open_journal,  &RunInProgress::start_oracles,
                               &RunInProgress::start_proxies, &RunInProgress::start_services,
                               &RunInProgress::set_up,        &RunInProgress::preflight,
                               &RunInProgress::sweep_skew,    &RunInProgress::read_baseline};
  for (const Phase phase : kPhases) {
    std::optional<Refusal> refusal = (this->*phase)();
    // What a stop cuts short looks like a failure of what was going on.
    if (stop_.raised() && !(refusal && refusal->code == ExitCode::kNotWritten)) {
      refusal = Refusal{stop_.signal() == 15 ? ExitCode::kTerminated : ExitCode::kInterrupted,
                        "stopped by a signal before the load began"};
      result_.record.interrupted = true;
    }
    if (refusal) {
      refuse(*refusal);
      tear_down();
      return std::move(result_);
    }
  }
  if (const std::optional<Refusal> refusal = work()) {
    refuse(*refusal);
  }
  tear_down();
  notice_signal();
  return std::move(result_);
}

}  // namespace

RunResult execute(const RunInputs& inputs, model::ProgressView& view, const StopSignal& stop) {
  return RunInProgress(inputs, view, stop).execute();
}

}  // namespace squall::run
