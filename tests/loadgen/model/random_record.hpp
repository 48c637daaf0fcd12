// A run record with something in every field, different for each seed: for tests of what reads and
// writes records.
#pragma once

#include <cmath>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/model/comparison.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

// Fills every field with chance.
class RandomRecord {
 public:
  explicit RandomRecord(std::uint64_t seed) : rng_(StreamId(seed, "record", "random")) {}

  RunRecord make() {
    RunRecord record;
    fill_identity(record);
    for (std::size_t i = 0; i < 3; ++i) {
      record.steps.push_back({"buy.step" + std::to_string(i), text(), text(), flag()});
      record.faults.push_back(
          {"fault" + std::to_string(i), text(), texts(), text(), counts(), texts()});
    }
    fill_measurement(record);
    fill_observations(record);
    fill_effects(record.effects);
    fill_capacity(record.capacity);
    fill_skew(record.skew);
    fill_judgement(record);
    record.comparison = comparison();
    return record;
  }

 private:
  std::uint64_t number() { return rng_.next_bits() >> rng_.next_below(64); }
  std::uint32_t small() { return static_cast<std::uint32_t>(number()); }
  std::int64_t integer() {
    return static_cast<std::int64_t>(rng_.next_bits()) >> rng_.next_below(63);
  }
  Duration duration() { return Duration(integer()); }
  bool flag() { return rng_.next_below(2) == 0; }
  double real() {
    return (rng_.next_unit() - 0.5) * std::exp2(static_cast<double>(rng_.next_below(200)) - 100);
  }
  std::uint16_t index() { return static_cast<std::uint16_t>(rng_.next_below(3)); }
  template <class Enum>
  Enum one_of(std::size_t count) {
    return static_cast<Enum>(rng_.next_below(count));
  }

  std::string text() {
    const char* const pieces[] = {"plain", "\"quoted\"", "back\\slash", "\n", "\x01",      "ä",
                                  "€",     "😀",          "/",           "~1", "</script>", " "};
    std::string out;
    for (std::uint64_t i = rng_.next_below(5); i > 0; --i) {
      out += pieces[rng_.next_below(std::size(pieces))];
    }
    return out;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out(rng_.next_below(4));
    for (std::string& one : out) {
      one = text();
    }
    return out;
  }
  FaultCounts counts() { return {number(), number(), number(), number()}; }
  Counters counters() {
    Counters counters{number(), number(), number(), number(), number(), number(), number(),
                      number(), number(), number(), number(), number(), number(), number(),
                      number(), number(), number(), number(), number()};
    counters.out_of_descriptors = number();
    counters.out_of_ports = number();
    return counters;
  }
  stats::Histogram histogram(const stats::HistogramLayout& layout) {
    stats::Histogram made(layout);
    for (std::uint64_t i = rng_.next_below(60); i > 0; --i) {
      made.record_n(static_cast<std::int64_t>(rng_.next_bits() >> (1 + rng_.next_below(63))),
                    1 + rng_.next_below(1000));
    }
    return made;
  }

  void fill_identity(RunRecord& record) {
    record.squall_version = text();
    record.plan_name = text();
    record.plan_file = text();
    record.seed = rng_.next_bits();
    record.run_id = text();
    record.plan_digest = {rng_.next_bits(), number()};
    record.command = text();
    if (flag()) {
      record.shard = {1, 8};
      record.shards.push_back({{3, 8}, text(), small(), small(), number(), flag()});
    }
    record.started = WallTime(duration());
    record.warmup = duration();
    record.planned_duration = duration();
    record.measured_duration = duration();
    record.drain_used = duration();
    record.engine = text();
    for (std::uint32_t i = 0; i < small() % 4; ++i) {
      record.scenarios.push_back(
          {text(), static_cast<LoadModel>(rng_.next_below(kLoadModelCount)), text()});
    }
    record.threads = small();
    record.connections = small();
    record.pace = text();
    record.host = text();
    record.cpu_user_s = real();
    record.cpu_system_s = real();
  }
  void fill_proxies(RunRecord& record) {
    for (std::uint64_t i = rng_.next_below(3); i > 0; --i) {
      record.proxies.push_back({text(), text(), text(), text()});
      record.proxy_faults.push_back(
          {text(), text(), text(), text(), flag(), flag(), number(), number(), number()});
      record.timeline.push_back({text(), text(), text(), duration(), duration(), flag(), flag(),
                                 duration(), duration(), duration(), duration(), text()});
    }
  }
  void fill_measurement(RunRecord& record) {
    fill_proxies(record);
    for (int i = 0; i < 5; ++i) {
      AttemptKey key{flag() ? kOverflowStep : index(), one_of<Phase>(kPhaseCount),
                     one_of<Exposure>(2), one_of<AttemptClass>(kAttemptClassCount), flag()};
      record.attempts[key] = {histogram(stats::kSpanLayout), histogram(stats::kSpanLayout),
                              histogram(stats::kSpanLayout), histogram(stats::kLagLayout)};
      record.operations[{key.step, key.phase, key.exposure,
                         one_of<OperationOutcome>(kOperationOutcomeCount), key.censored}] =
          histogram(stats::kSpanLayout);
    }
    record.totals = counters();
    for (std::uint64_t i = rng_.next_below(3); i > 0; --i) {
      record.tls.push_back({text(), flag(), {number(), number(), {{text(), text(), number()}}}});
    }
    for (int i = 0; flag() && i < 3; ++i) {
      record.endings.push_back({text(),
                                one_of<AttemptClass>(kAttemptClassCount),
                                static_cast<int>(rng_.next_below(600)),
                                number(),
                                {}});
      for (int j = 0; flag() && j < 3; ++j) {
        record.endings.back().examples.push_back(
            {Duration(static_cast<std::int64_t>(rng_.next_below(1000000))), number(), text()});
      }
    }
    for (int i = 0; flag() && i < 3; ++i) {
      record.unmet.push_back({text(), text(), number()});
    }
    for (int i = -2; i < 5; ++i) {
      SecondSummary second;
      second.second = i;
      second.counters = counters();
      second.acked = number();
      second.not_acked = number();
      second.attempts_failed = number();
      second.in_flight = small();
      second.waiting = small();
      second.connections = small();
      if (flag()) {
        second.response_p50_us = static_cast<std::int64_t>(number() / 2);
        second.response_p90_us = static_cast<std::int64_t>(number() / 2);
        second.response_p99_us = 0;
        second.response_max_us = static_cast<std::int64_t>(number() / 2);
        second.lag_p50_ns = static_cast<std::int64_t>(number() / 2);
        second.lag_p99_ns = static_cast<std::int64_t>(number() / 2);
      }
      for (std::uint64_t n = rng_.next_below(4); n > 0; --n) {
        second.faults.push_back(counts());
      }
      for (std::uint64_t& count : second.classes) {
        count = flag() ? number() : 0;
      }
      second.effect_attempts = number();
      if (flag()) {
        second.cells.push_back({index(), one_of<Exposure>(2), {{3, number()}, {never_cell(), 1}}});
      }
      for (std::uint64_t n = rng_.next_below(3); n > 0; --n) {
        second.proxies.push_back({number(), number(), number(), number(), number(), number()});
      }
      for (std::uint64_t n = rng_.next_below(3); n > 0; --n) {
        second.steps.push_back({index(), one_of<Phase>(kPhaseCount), number(), number(),
                                flag() ? static_cast<std::int64_t>(number() / 2) : -1, -1});
      }
      record.seconds.push_back(second);
    }
    for (int i = 0; i < 3; ++i) {
      record.events.push_back({duration(), text(), text()});
      record.breaches.push_back({text(), real(), flag()});
    }
  }
  DependencyPhase dependency_phase() {
    DependencyPhase phase;
    phase.calls = number();
    phase.arrived = number();
    phase.executed = number();
    phase.faulted = number();
    phase.classes[rng_.next_below(kAttemptClassCount)] = number();
    phase.latency = histogram(stats::kSpanLayout);
    phase.traces[rng_.next_below(kMaxCallsOfTrace)] = number();
    phase.gaps[rng_.next_below(kMaxGaps)] = histogram(stats::kSpanLayout);
    phase.overlapping = number();
    phase.nested = number();
    return phase;
  }
  void fill_observations(RunRecord& record) {
    record.phase_bounds.split = flag();
    if (record.phase_bounds.split) {
      record.phase_bounds.fault_from = duration();
      record.phase_bounds.fault_to = duration();
    }
    if (flag()) {
      record.recovery = {static_cast<double>(rng_.next_below(1000000)) / 1e6, duration(), flag(),
                         flag(), flag()};
      record.detector_settings[text()] = {{text(), text()}, {"key", text()}};
    }
    for (std::uint64_t i = rng_.next_below(3); i > 0; --i) {
      DependencyProxy proxy;
      proxy.name = text();
      proxy.phases[one_of<Phase>(kPhaseCount)] = dependency_phase();
      DependencySecond second{integer(), number(), number(), number(), {}, -1, -1};
      second.classes[rng_.next_below(kAttemptClassCount)] = number();
      proxy.seconds.push_back(second);
      record.dependencies.proxies.push_back(std::move(proxy));
      record.dependencies.lost = number();
    }
    for (std::uint64_t i = rng_.next_below(3); i > 0; --i) {
      record.probes.push_back({text(), text(), duration(), duration(), {}});
      record.probes.back().answers.push_back(
          {duration(), static_cast<int>(rng_.next_below(600)), duration(), text()});
    }
  }
  EffectOperation operation() {
    return {index(),
            number(),
            text(),
            one_of<OperationOutcome>(kOperationOutcomeCount),
            one_of<Exposure>(2),
            small(),
            small()};
  }
  EffectAttempt attempt() {
    return {index(),
            number(),
            small(),
            small(),
            text(),
            duration(),
            duration(),
            duration(),
            one_of<AttemptClass>(kAttemptClassCount),
            static_cast<int>(integer() >> 32),
            number(),
            {index(), index()},
            text(),
            small(),
            text()};
  }
  void fill_effects(EffectReport& effects) {
    effects.counted = flag();
    for (int i = 0; i < 3; ++i) {
      EffectCounts counts{text(), number(), {}, {}, number()};
      for (std::uint64_t& count : counts.outcomes) {
        count = number();
      }
      for (std::uint64_t& count : counts.verdicts) {
        count = number();
      }
      effects.steps.push_back(counts);
      effects.oracles.push_back(
          {text(), text(), number(), number(), duration(), flag(), number(), text(), flag()});
      effects.origins.push_back(
          {text(), one_of<EffectVerdict>(kEffectVerdictCount), {0, 2}, flag(), number()});
      effects.cases.push_back({one_of<EffectVerdict>(kEffectVerdictCount),
                               operation(),
                               number(),
                               {attempt(), attempt()},
                               text()});
    }
    effects.disagreements = texts();
    effects.disagreement_count = number();
    effects.surely_duplicate = number();
    effects.surely_lost = number();
  }
  void fill_capacity(Capacity& capacity) {
    constexpr std::uint64_t kStageVerdicts = 4;
    constexpr std::uint64_t kLimits = 5;
    capacity.rate = Rate{real()};
    capacity.upper = Rate{real()};
    capacity.limit = one_of<CapacityLimit>(kLimits);
    capacity.confirmed = flag();
    capacity.conditions = texts();
    for (int i = 0; i < 3; ++i) {
      capacity.stages.push_back({Rate{real()}, real(), real(), real(), duration(), duration(),
                                 one_of<StageVerdict>(kStageVerdicts), flag(), text()});
    }
  }
  SkewEdge skew_edge() {
    constexpr std::uint64_t kKinds = 4;
    return {one_of<SkewEdgeKind>(kKinds), duration(), duration()};
  }
  void fill_skew(SkewSweep& sweep) {
    sweep.step = "buy.charge";
    sweep.to = duration();
    sweep.resolution = duration();
    sweep.declares_window = flag();
    sweep.window = duration();
    sweep.leeway = duration();
    sweep.declares_ahead = flag();
    sweep.ahead = duration();
    sweep.past = skew_edge();
    sweep.future = skew_edge();
    sweep.clock_known = flag();
    sweep.clock_least = duration();
    sweep.clock_most = duration();
    sweep.clock_text = text();
    sweep.requests = number();
    sweep.problem = text();
    for (int i = 0; i < 3; ++i) {
      sweep.points.push_back({duration(), number(), number()});
    }
  }
  std::shared_ptr<const ComparisonReport> comparison() {
    auto report = std::make_shared<ComparisonReport>();
    report->method = one_of<ComparisonMethod>(kComparisonMethodCount);
    report->base = text();
    report->candidate = text();
    report->rounds = small();
    report->noise_rounds = small();
    report->verdict = one_of<ComparisonVerdict>(kComparisonVerdictCount);
    report->notes = texts();
    for (int i = 0; i < 3; ++i) {
      report->metrics.push_back({text(), text(), text(),
                                 one_of<ComparisonScale>(kComparisonScaleCount), flag(), real(),
                                 real(), real(), real(), real(), real(), real(), real(),
                                 one_of<ComparisonVerdict>(kComparisonVerdictCount), text()});
    }
    return report;
  }

  void fill_judgement(RunRecord& record) {
    const ExitCode codes[] = {ExitCode::kPass, ExitCode::kCorrectness, ExitCode::kInterrupted,
                              ExitCode::kTerminated, ExitCode::kNotWritten};
    for (int i = 0; i < 3; ++i) {
      record.checks.push_back(
          {text(), one_of<Verdict>(4), flag(), real(), real(), text(), number(), text()});
      record.findings.push_back(
          {text(), text(), one_of<Verdict>(4), flag(), flag(), text(), texts(), texts(), text()});
    }
    record.verdict = one_of<Verdict>(4);
    record.exit_code = codes[rng_.next_below(std::size(codes))];
    record.reasons = texts();
    record.complete = flag();
    record.interrupted = flag();
  }

  Rng rng_;
};

}  // namespace squall::model
