// Everything a report needs, of one run: the content of record.json. Reports only transform it;
// they never measure again.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/capacity.hpp"
#include "loadgen/model/dependency_view.hpp"
#include "loadgen/model/observation.hpp"
#include "loadgen/model/proxy_record.hpp"
#include "loadgen/model/response_cells.hpp"
#include "loadgen/model/shard.hpp"
#include "loadgen/model/skew.hpp"
#include "loadgen/model/slice.hpp"
#include "loadgen/model/users.hpp"
#include "loadgen/model/verdict.hpp"

namespace squall::model {

inline constexpr int kRecordSchema = 1;

// In headers of their own, which few need.
struct ComparisonReport;
struct HistoryReport;
struct IdempotencyReport;

// How a second went, for series and live views. Values of that second alone.
struct SecondSummary {
  std::int64_t second = 0;  // after t = 0; negative in the warm-up
  Counters counters;
  std::uint64_t acked = 0;
  std::uint64_t not_acked = 0;  // operations that ended otherwise
  std::uint64_t attempts_failed = 0;
  std::uint32_t in_flight = 0;
  std::uint32_t waiting = 0;
  std::uint32_t connections = 0;
  // Response of the operations that ended in this second and lag of what was taken up in it; -1
  // when there was none. Microseconds, nanoseconds. The highest value of the histogram's range
  // means "or more": an operation that was given up counts as larger than any.
  std::int64_t response_p50_us = -1;
  std::int64_t response_p90_us = -1;
  std::int64_t response_p99_us = -1;
  std::int64_t response_max_us = -1;
  std::int64_t lag_p50_ns = -1;
  std::int64_t lag_p99_ns = -1;
  std::vector<FaultCounts> faults;  // by index into RunRecord::faults
  // Attempts and copies that ended in this second, by AttemptClass; dropped arrivals stand under
  // their class.
  std::array<std::uint64_t, kAttemptClassCount> classes{};
  std::uint64_t effect_attempts = 0;  // of effect steps
  std::vector<ProxySecond> proxies;   // by index into RunRecord::proxies
  std::vector<StepSecond> steps;      // by (step, phase); none unless the measured phase is split
  std::vector<ResponseCells> cells;   // by (step, exposure); none in records of older versions
};

struct RecordedFault {
  std::string name;
  std::string kind;
  std::vector<std::string> steps;
  std::string summary;  // "drop after_send, share 5%, 5s to 25s"
  FaultCounts counts;
  std::vector<std::string> unfired;  // the first few decided that did not fire, with the reason
};

struct RecordedStep {
  std::string name;     // "buy.charge"
  std::string request;  // "POST /payments", as written
  std::string target;
  bool is_effect = false;
};

// A target behind TLS.
struct RecordedTls {
  std::string target;
  bool insecure = false;  // its certificate was not checked: the plan says so
  TlsUse use;
};

struct RecordedScenario {
  std::string name;
  LoadModel load_model = LoadModel::kOpen;
  std::string load;  // "poisson 200/s", "50 users, think 1s"
};

// How often answers did not keep one thing that a step demands of them.
struct UnmetDemand {
  std::string step;
  std::string text;  // as written: "status in 200..299", "extract id: json /id"
  std::uint64_t attempts = 0;
};

struct EffectCounts {
  std::string step;
  std::uint64_t operations = 0;
  std::array<std::uint64_t, kOperationOutcomeCount> outcomes{};  // by OperationOutcome
  std::array<std::uint64_t, kEffectVerdictCount> verdicts{};     // by EffectVerdict
  std::uint64_t effects = 0;  // counted under this step's keys, baseline subtracted
};

struct OracleReport {
  std::string name;
  std::string kind;
  std::uint64_t baseline = 0;      // effects before the load
  std::uint64_t settled = 0;       // effects at the end
  Duration settle_time{};          // from the end of the load to the reading that counted
  bool stable = false;             // two equal readings
  std::uint64_t unattributed = 0;  // under keys that this run never asked for
  std::string problem;             // why it could not answer; empty when it did
  bool total_only = false;         // it knows how many effects there were in all, not whose

  // It answered to the end, but its counts had not come to rest by then: more effects may follow.
  [[nodiscard]] bool still_changing() const { return problem.empty() && !stable; }
};

// How wrong operations of a step came about: those that the same faults decided for (on any
// attempt), with or without retries. All wrong operations of a run, while `cases` are the first
// few.
struct EffectOrigin {
  std::string step;
  EffectVerdict verdict = EffectVerdict::kDuplicate;
  std::vector<std::uint16_t>
      faults;            // indices into RunRecord::faults, rising; empty: no fault touched them
  bool retried = false;  // an attempt after the first was started
  std::uint64_t operations = 0;
};

struct EffectReport {
  bool counted = false;  // the plan has effect steps
  std::vector<EffectCounts> steps;
  std::vector<OracleReport> oracles;
  std::vector<std::string> disagreements;  // between oracles: key and counts, the first few
  std::uint64_t disagreement_count = 0;
  // When the first oracle knows only a total: what that proves of operations none of which is
  // decided.
  std::uint64_t surely_duplicate = 0;
  std::uint64_t surely_lost = 0;
  std::vector<EffectCase> cases;      // the first few of each wrong verdict
  std::vector<EffectOrigin> origins;  // empty: not known, then reports group `cases` instead
};

// Something that happened, for the timeline: service exits, phase changes, aborts, self-watch.
struct RunEvent {
  Duration at{};     // after t = 0
  std::string kind;  // "phase", "service", "abort", "signal", "invalid", "fault", "action"
  std::string text;
};

struct RunRecord {
  // Identity
  std::string squall_version;
  std::string plan_name;
  std::string plan_file;
  std::uint64_t seed = 0;
  std::string run_id;
  std::array<std::uint64_t, 2> plan_digest{};  // see below
  std::string command;                         // that repeats the run
  Shard shard;                                 // the part of the plan's arrivals that it took up
  std::vector<RecordedShard> shards;  // what it was merged from; empty: one process ran it all
  WallTime started{};                 // t = 0
  Duration warmup{};
  Duration planned_duration{};
  Duration measured_duration{};  // shorter after an abort
  Duration drain_used{};
  PhaseBounds phase_bounds;  // not split in records of older versions
  // The instrument
  std::string engine;  // "native: HTTP/1.1 without TLS"
  unsigned threads = 1;
  unsigned connections = 0;
  std::string pace;       // "spin" or "timer: 2 cores, 1 worker, target on this host"
  std::string host;       // kernel, cores
  double cpu_user_s = 0;  // of this process while load ran
  double cpu_system_s = 0;
  // What was measured
  std::vector<RecordedScenario> scenarios;  // none in records of older versions
  std::vector<RecordedStep> steps;
  std::map<AttemptKey, AttemptSpans<stats::Histogram>> attempts;
  std::map<OperationKey, stats::Histogram> operations;
  std::map<PhaseKey, stats::Histogram> phases;
  Counters totals;
  std::vector<RecordedEnding> endings;  // by (step, how, status), each once; none in older records
  std::vector<UnmetDemand> unmet;       // by (step, text), each once
  std::vector<SecondSummary> seconds;
  std::vector<RecordedTls> tls;  // in the plan's order; empty without TLS
  std::vector<RecordedFault> faults;
  std::vector<RecordedProxy> proxies;  // none in records of older versions, as the next two
  std::vector<RecordedProxyFault> proxy_faults;
  std::vector<RecordedAction> timeline;  // in the plan's order: faults of proxies, then actions
  DependencyView dependencies;           // without proxies in HTTP mode: nothing was seen
  std::vector<RecordedProbe> probes;     // in the plan's order
  EffectReport effects;
  SkewSweep skew;     // of plans with [skew]
  Capacity capacity;  // of `squall find`: without stages in every other run
  std::shared_ptr<const HistoryReport> history;          // null: the plan keeps none
  std::shared_ptr<const IdempotencyReport> idempotency;  // of `squall idempotency`; null elsewhere
  std::shared_ptr<const ComparisonReport> comparison;    // with a baseline; null without one
  std::vector<RunEvent> events;
  std::vector<Breach> breaches;
  // Judgement
  RecoverySettings recovery;
  DetectorSettings detector_settings;
  std::vector<CheckResult> checks;
  std::vector<Finding> findings;
  Verdict verdict = Verdict::kPass;
  ExitCode exit_code = ExitCode::kPass;
  std::vector<std::string> reasons;  // one sentence for each thing that made the verdict what it is
  bool complete = true;              // false: rebuilt from the journal of a run that was killed
  bool interrupted = false;
};

// plan_digest: the sum (each word modulo 2^64) over all arrivals of a 128-bit hash of (step, global
// arrival index, intended offset in ns, key, hash of the rendered body, indices of the faults
// decided for the first attempt). A sum, so it is the same for any number of threads and shards.
// Bodies that use {{now}} or extracted values are hashed as rendered at their intended offset after
// the epoch with extracted values empty. Iterations of closed scenarios are left out: when they
// start depends on the answers, so there is no schedule to digest; of a run with nothing else it is
// zero.
[[nodiscard]] std::string digest_text(const std::array<std::uint64_t, 2>& digest);  // 32 hex digits

// Adds one slice / one histogram map to the record's totals.
void merge_attempts(std::map<AttemptKey, AttemptSpans<stats::Histogram>>& totals,
                    const WorkerSlice& slice);
void merge_operations(std::map<OperationKey, stats::Histogram>& totals, const WorkerSlice& slice);
void merge_phases(std::map<PhaseKey, stats::Histogram>& totals, const WorkerSlice& slice);
// Adds a cell's values; those of a censored one are larger than any value: in overflow().
template <class Count>
void merge_cell(stats::Histogram& into, const stats::BasicHistogram<Count>& cell, bool censored) {
  if (censored) {
    into.record_n(std::numeric_limits<std::int64_t>::max(), cell.count() + cell.overflow());
  } else {
    into.merge(cell);
  }
}

// record.json: schema-versioned; durations as integers with _ns, _us in the key; histograms as V2
// base64 beside a few percentiles for people who read the JSON. from_json fails with kMalformed
// (what, where in the document) on anything else, and with kInvalidArgument on a schema version
// that this build does not know.
[[nodiscard]] std::string to_json(const RunRecord& record);
// The same without line breaks and without what is empty or only for people: for the journal.
[[nodiscard]] std::string to_json_line(const RunRecord& record);
[[nodiscard]] Result<RunRecord> record_from_json(std::string_view text);

}  // namespace squall::model
