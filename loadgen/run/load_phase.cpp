#include "loadgen/run/load_phase.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/engine/work_share.hpp"
#include "loadgen/model/load_model.hpp"
#include "loadgen/run/common_start.hpp"
#include "loadgen/run/one_line.hpp"
#include "loadgen/run/prober.hpp"
#include "loadgen/run/record_merge.hpp"
#include "loadgen/run/start_instant.hpp"
#include "loadgen/run/waiting.hpp"

namespace squall::run {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTick = milliseconds(100);

struct CpuTime {
  Duration user{};
  Duration system{};
};

CpuTime cpu_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto as_duration = [](const timeval& value) {
    return seconds(value.tv_sec) + microseconds(value.tv_usec);
  };
  return {as_duration(usage.ru_utime), as_duration(usage.ru_stime)};
}

std::vector<std::string> http_proxies(const model::Plan& plan) {
  std::vector<std::string> names;
  for (const model::ProxyPlan& proxy : plan.proxies) {
    if (proxy.mode == model::ProxyMode::kHttp) {
      names.push_back(proxy.name);
    }
  }
  return names;
}

bool has_users(const model::Plan& plan) {
  return std::any_of(
      plan.scenarios.begin(), plan.scenarios.end(),
      [&](const model::Scenario& scenario) { return model::users_of(plan, scenario) != nullptr; });
}

}  // namespace

LoadPhase::LoadPhase(const Deps& deps)
    : deps_(deps),
      aggregator_(deps.plan, deps.plan.load.threads),
      iterations_(deps.plan),
      self_watch_(deps.plan.limits, deps.plan.load.duration),
      proxy_watch_(deps.plan.proxies.empty() ? ReadProxies() : deps.hooks.read_proxies),
      timeline_(deps.hooks.timeline, deps.plan.load),
      guards_users_(deps.plan.max_rate && deps.plan.leaves_loopback() && has_users(deps.plan)) {}

void LoadPhase::make_workers() {
  const model::Load& load = deps_.plan.load;
  for (unsigned i = 0; i < load.threads; ++i) {
    const model::Shard part{.index = i, .count = load.threads};
    const engine::WorkerOptions options{
        .index = i,
        .count = load.threads,
        .spin = deps_.spin,
        .connections = static_cast<unsigned>(
            std::max<std::uint64_t>(1, engine::part_of(load.connections, part))),
        .max_waiting = std::max<std::uint64_t>(1, engine::part_of(load.max_waiting, part)),
        .iterations = &iterations_,
    };
    workers_.push_back(
        std::make_unique<engine::Worker>(deps_.plan, options, control_, aggregator_));
  }
}

bool LoadPhase::workers_finished() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->finished(); });
}

std::optional<Error> LoadPhase::run() {
  make_workers();
  await_start();
  deps_.record.started = wall_clock_now() + (zero_ - monotonic_now());
  if (const std::vector<std::string> proxies = http_proxies(deps_.plan); !proxies.empty()) {
    dependencies_ = std::make_unique<DependencyCollector>(proxies, zero_, deps_.plan.phases);
  }
  std::optional<Prober> prober;
  if (deps_.plan.load.shard.index == 0) {
    prober.emplace(deps_.plan, zero_);
  }
  const CpuTime before = cpu_time();
  proxy_watch_.start(zero_);
  timeline_.start(zero_);
  for (const auto& worker : workers_) {
    worker->start(zero_);
  }
  while (!workers_finished()) {
    aggregator_.wait(kTick);
    tick();
  }
  for (const auto& worker : workers_) {
    worker->join();
  }
  note_last_iteration();
  end_timeline();
  proxy_watch_.stop();
  take_seconds(Aggregator::Which::kAll);
  for (model::Breach& breach : self_watch_.end()) {
    breached(std::move(breach));
  }
  if (prober) {
    deps_.record.probes = prober->end();
  }
  take_exchanges();
  if (dependencies_ != nullptr) {
    deps_.record.dependencies = dependencies_->view();
  }
  keep(deps_.journal.observations(deps_.record));
  const CpuTime after = cpu_time();
  finish(after.user - before.user, after.system - before.system);
  return not_written_;
}

// Everything that takes time is done by now, so that all shards begin together.
void LoadPhase::await_start() {
  const model::Load& load = deps_.plan.load;
  zero_ = zero_of(load, monotonic_now(), wall_clock_now());
  if (const auto left = time_to_start(load, zero_, monotonic_now())) {
    announce({monotonic_now() - zero_, "start",
              fmt::format("waiting {} for the common start at {}", format_duration(*left),
                          start_text(*load.start_at))});
  }
  const effects::Wait wait = interruptible_wait(deps_.stop);
  bool waiting = true;
  while (waiting) {
    // Anew each time: the wall clock may be put right meanwhile.
    zero_ = zero_of(load, monotonic_now(), wall_clock_now());
    const auto left = time_to_start(load, zero_, monotonic_now());
    waiting = left && wait(std::min(*left, kTick));
    poll_events();
  }
  if (const auto late = late_start(load, zero_, monotonic_now())) {
    announce({monotonic_now() - zero_, std::string(kLateEvent), late->text});
    if (late->reaches_measured) {
      breached({.reason = late->text, .from_second = 0});
    }
  }
}

void LoadPhase::poll_events() {
  if (deps_.hooks.poll_events) {
    for (model::RunEvent& event : deps_.hooks.poll_events(zero_)) {
      announce(std::move(event));
    }
  }
}

void LoadPhase::tick() {
  const Duration elapsed = monotonic_now() - zero_;
  announce_stage(elapsed);
  take_seconds(Aggregator::Which::kComplete);
  take_exchanges();
  announce_timeline();
  poll_events();
  if (deps_.stop.raised() && !control_.stopped()) {
    deps_.record.interrupted = true;
    stop_early("signal",
               fmt::format("stopped by signal {}: draining what is open; another one ends squall "
                           "at once",
                           deps_.stop.signal()));
  }
  deps_.view.tick(elapsed, last_second_, deps_.record.totals);
}

void LoadPhase::take_exchanges() {
  if (dependencies_ != nullptr && deps_.hooks.take_exchanges) {
    dependencies_->add(deps_.hooks.take_exchanges());
  }
}

void LoadPhase::announce_stage(Duration elapsed) {
  const Duration end = std::min(deps_.plan.load.duration, control_.stop_offset());
  const model::Stage stage = elapsed < Duration::zero() ? model::Stage::kWarmup
                             : elapsed < end            ? model::Stage::kMeasured
                                                        : model::Stage::kDrain;
  if (stage != stage_) {
    stage_ = stage;
    deps_.view.stage(stage, "");
    model::RunEvent event{elapsed, "phase", std::string(model::to_string(stage))};
    keep(deps_.journal.event(event));
    deps_.record.events.push_back(std::move(event));
  }
}

void LoadPhase::announce_timeline() {
  std::vector<model::RunEvent> events = timeline_.take_events();
  if (events.empty()) {
    return;
  }
  for (model::RunEvent& event : events) {
    announce(std::move(event));
  }
  take_timeline();
}

// A service that does not come back has its log quoted, and it may have told anything.
std::vector<model::RecordedAction> LoadPhase::shown(
    std::vector<model::RecordedAction> actions) const {
  for (model::RecordedAction& action : actions) {
    action.description = model::redact(action.description, deps_.plan.secrets);
    action.problem = in_one_line(model::redact(action.problem, deps_.plan.secrets));
  }
  return actions;
}

// At once and not at the end, which a run that is killed does not reach.
void LoadPhase::take_timeline() {
  std::vector<model::RecordedAction> before =
      std::exchange(deps_.record.timeline, shown(timeline_.record()));
  before.resize(deps_.record.timeline.size());
  std::vector<model::RecordedAction> changed;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const model::RecordedAction& now = deps_.record.timeline[i];
    if (now.started != before[i].started || now.undone != before[i].undone ||
        now.problem != before[i].problem) {
      changed.push_back(now);
    }
  }
  if (deps_.hooks.proxy_fault_results) {
    deps_.record.proxy_faults = deps_.hooks.proxy_fault_results();
  }
  keep(deps_.journal.timeline(std::move(changed), deps_.record.proxy_faults));
}

// Everything is undone before the effects are counted: who reads them back must not meet a fault.
void LoadPhase::end_timeline() {
  timeline_.stop();
  announce_timeline();
  deps_.record.timeline = shown(timeline_.record());
  if (deps_.hooks.proxy_fault_results) {
    deps_.record.proxy_faults = deps_.hooks.proxy_fault_results();
  }
}

void LoadPhase::take_seconds(Aggregator::Which which) {
  for (RunSecond& second : aggregator_.collect(which)) {
    take_second(std::move(second));
  }
}

void LoadPhase::take_second(RunSecond second) {
  model::SecondSummary& measured = second.delta.seconds.front();
  measured.proxies = proxy_watch_.take(measured.second);
  const model::SecondSummary summary = second.delta.seconds.front();
  merge_into(deps_.record, second.delta);
  keep(deps_.journal.ledger(summary.second, deps_.record.steps, second.effect_attempts,
                            second.effect_operations));
  take_history(std::move(second.history));
  keep(deps_.journal.second(second.delta, deps_.record));
  if (deps_.hooks.spans && !second.spans.empty()) {
    deps_.hooks.spans(deps_.record.started, std::move(second.spans));
  }
  for (model::EffectOperation& operation : second.effect_operations) {
    deps_.ledger.add(std::move(operation));
  }
  if (seconds(summary.second + 1) <= -deps_.plan.load.warmup) {
    return;  // the moments between starting the threads and the first possible arrival
  }
  last_second_ = summary;
  deps_.view.second(summary);
  watch(summary, second.lateness);
}

void LoadPhase::take_history(std::vector<model::HistoryOperation> history) {
  std::stable_sort(history.begin(), history.end(),
                   [](const model::HistoryOperation& a, const model::HistoryOperation& b) {
                     return a.complete < b.complete;
                   });
  for (model::HistoryOperation& operation : history) {
    processes_.assign(operation);
  }
  keep(deps_.journal.history(deps_.record.steps, history));
}

void LoadPhase::watch(const model::SecondSummary& second,
                      const std::vector<model::Lateness>& lateness) {
  for (model::Breach& breach : self_watch_.second(second, lateness, host_watch_.look())) {
    breached(std::move(breach));
  }
  const bool arriving = seconds(second.second) < deps_.plan.load.duration && !control_.stopped();
  if (const auto reason = arriving ? abort_reason(second) : std::nullopt) {
    stop_early("abort", fmt::format("aborted by the plan: {}", *reason));
  }
}

std::optional<std::string> LoadPhase::abort_reason(const model::SecondSummary& second) const {
  const auto operations = static_cast<double>(second.counters.completed);
  // Each shard may have its part only: it does not know what the others send.
  const unsigned shards = deps_.plan.load.shard.count;
  if (guards_users_ && operations > deps_.plan.max_rate->per_second / shards) {
    return fmt::format("{:.0f} operations in one second, and max_rate allows {}{}", operations,
                       format_rate(*deps_.plan.max_rate),
                       shards == 1 ? "" : fmt::format(" to all {} shards together", shards));
  }
  return deps_.hooks.abort_reason ? deps_.hooks.abort_reason(second) : std::nullopt;
}

// Users whose iterations are all done end the load before its time.
void LoadPhase::note_last_iteration() {
  const bool closed_only = model::arrival_streams(deps_.plan).empty();
  const Duration now = monotonic_now() - zero_;
  if (closed_only && iterations_.all_exhausted() && !control_.stopped() &&
      now < deps_.plan.load.duration) {
    deps_.record.measured_duration = std::max(now, Duration::zero());
    announce({now, "phase", std::string(model::kEveryIterationDone)});
  }
}

void LoadPhase::breached(model::Breach breach) {
  announce({monotonic_now() - zero_, "invalid", breach.reason});
  keep(deps_.journal.breach(breach));
  deps_.record.breaches.push_back(std::move(breach));
}

void LoadPhase::stop_early(const char* kind, std::string text) {
  const Duration now = monotonic_now() - zero_;  // negative in the warm-up, whose arrivals stop too
  control_.stop_arrivals(now);
  timeline_.request_stop();
  deps_.record.measured_duration = std::clamp(now, Duration::zero(), deps_.plan.load.duration);
  announce({now, kind, std::move(text)});
}

void LoadPhase::announce(model::RunEvent event) {
  event.text = model::redact(event.text, deps_.plan.secrets);
  keep(deps_.journal.event(event));
  deps_.view.event(event);
  deps_.record.events.push_back(std::move(event));
}

void LoadPhase::keep(const Result<void>& written) {
  if (!written && !not_written_) {
    not_written_ = written.error();
    deps_.view.event({monotonic_now() - zero_, "journal", to_string(*not_written_)});
  }
}

void LoadPhase::finish(Duration cpu_user, Duration cpu_system) {
  model::RunRecord& record = deps_.record;
  record.cpu_user_s = to_seconds(cpu_user);
  record.cpu_system_s = to_seconds(cpu_system);
  record.drain_used =
      std::max(Duration::zero(), monotonic_now() - (zero_ + record.measured_duration));
}

}  // namespace squall::run
