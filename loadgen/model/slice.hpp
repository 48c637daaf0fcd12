// What one worker hands over for one second: histograms of that second, counters, effect attempts.
// Mergeable.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/attempt_ending.hpp"
#include "loadgen/model/effect.hpp"
#include "loadgen/model/history.hpp"
#include "loadgen/model/operation_span.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/tls_use.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::model {

// Step index of cells that were beyond the cap.
inline constexpr std::uint16_t kOverflowStep = 0xffff;

// What an attempt histogram is about.
struct AttemptKey {
  std::uint16_t step = 0;  // index into Plan::steps, or kOverflowStep
  Phase phase = Phase::kMeasured;
  Exposure exposure = Exposure::kClean;
  AttemptClass how = AttemptClass::kSuccess;
  // Given up before it had ended: dropped, or without an answer when the drain ended. Its response
  // and service are then at least what was recorded.
  bool censored = false;
  auto operator<=>(const AttemptKey&) const = default;
};

// The spans of DESIGN §4 for attempts of one kind. Response, queue, service in microseconds
// (kSpanLayout), lag in nanoseconds (kLagLayout). A span that did not happen (no byte written) is
// not recorded, so counts may differ; of one that was given up while it waited the queue is.
template <class H>
struct AttemptSpans {
  H response{stats::kSpanLayout};
  H queue{stats::kSpanLayout};
  H service{stats::kSpanLayout};
  H lag{stats::kLagLayout};
};

// What a phase histogram is about; microseconds (kSpanLayout), attempts of all classes together.
struct PhaseKey {
  std::uint16_t step = 0;
  Phase phase = Phase::kMeasured;
  TransferPhase part = TransferPhase::kDns;
  auto operator<=>(const PhaseKey&) const = default;
};

struct OperationKey {
  std::uint16_t step = 0;
  Phase phase = Phase::kMeasured;
  Exposure exposure = Exposure::kClean;
  OperationOutcome outcome = OperationOutcome::kAcked;
  bool censored = false;  // as in AttemptKey: the response is at least what was recorded
  auto operator<=>(const OperationKey&) const = default;
};

// How late the take-ups were that were due in one second: the later of intended start and readiness
// lay in it, whenever they were taken up.
struct Lateness {
  std::int64_t second = 0;    // after t = 0
  std::uint64_t starts = 0;   // taken up
  std::uint64_t late = 0;     // of them, with a lag above the plan's limit
  std::int64_t worst_ns = 0;  // the largest lag
};

// Counts of one second (or of a run: they add up).
struct Counters {
  std::uint64_t due = 0;        // arrivals whose intended start fell into the second
  std::uint64_t started = 0;    // arrivals taken up
  std::uint64_t dropped = 0;    // arrivals given up
  std::uint64_t completed = 0;  // operations
  std::uint64_t attempts = 0;   // attempts and copies that ended
  std::uint64_t retries = 0;
  std::uint64_t retries_denied = 0;  // by the budget
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t connections_opened = 0;
  std::uint64_t closed_before_send =
      0;  // pooled connections found closed before use; another one was taken
  std::uint64_t unsolicited_bytes = 0;  // bytes received on idle connections
  // Of the curl engine; see EngineCounters.
  std::uint64_t decoded_bytes = 0;
  std::uint64_t follow_ups = 0;
  std::uint64_t resends = 0;
  std::uint64_t resends_prevented = 0;
  std::uint64_t loop_busy_ns = 0;
  std::uint64_t loop_idle_ns = 0;  // asleep in the kernel
  std::uint64_t loop_spin_ns = 0;  // awake, waiting for the next intended start
  // Attempts that this host could not open a connection for.
  std::uint64_t out_of_descriptors = 0;
  std::uint64_t out_of_ports = 0;

  void add(const Counters& other);
};

// Counts of one planned fault.
struct FaultCounts {
  std::uint64_t eligible =
      0;  // attempts that it could have touched (step, window and attempt scope fit)
  std::uint64_t planned = 0;    // decided
  std::uint64_t fired = 0;      // done on the wire
  std::uint64_t preempted = 0;  // the attempt ended before the fault's point was reached: no
                                // connection, reset, timeout, …
  void add(const FaultCounts& other);
};

// A decided fault that did not fire, with the reason.
struct UnfiredFault {
  std::uint16_t fault = 0;
  std::uint16_t step = 0;
  std::uint64_t arrival = 0;
  std::string reason;
};

// One worker's second. Owned by one thread at a time; handed over whole.
struct WorkerSlice {
  unsigned worker = 0;
  bool last = false;  // the worker has ended: no slice of it follows
  std::int64_t second =
      0;  // floor of seconds after t = 0 at which things were *recorded*; negative in the warm-up
  std::map<AttemptKey, std::unique_ptr<AttemptSpans<stats::IntervalHistogram>>> attempts;
  std::map<OperationKey, std::unique_ptr<stats::IntervalHistogram>>
      operations;  // response, microseconds
  std::map<PhaseKey, std::unique_ptr<stats::IntervalHistogram>>
      phases;                                       // only those that are known
  stats::IntervalHistogram lag{stats::kLagLayout};  // of what was taken up in this second
  std::vector<Lateness> lateness;  // the same take-ups by the second that they were due in
  Counters counters;
  std::uint32_t in_flight = 0;  // at the end of the second
  std::uint32_t waiting = 0;    // arrivals waiting for a connection, at the end of the second
  std::uint32_t connections = 0;
  std::vector<TlsUse> tls;            // by index into Plan::targets; empty when nothing happened
  std::vector<FaultCounts> faults;    // by index into Plan::faults
  std::vector<UnfiredFault> unfired;  // bounded; the first few of a run
  Endings endings;
  // Attempts whose answer did not keep what its step demands: by step and position among
  // Step::demands().
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::uint64_t> unmet;
  std::vector<EffectAttempt> effect_attempts;
  std::vector<EffectOperation> effect_operations;
  std::vector<HistoryOperation> history;  // without their processes: whoever writes them has those
  std::vector<OperationSpan> spans;       // only with Load::spans
  std::array<std::uint64_t, 2>
      digest{};  // sum over this slice's arrivals; see plan_digest in run_record.hpp
};

// Takes slices from workers. take() is called on worker threads, concurrently; it must be quick
// (hand over, no I/O).
class SliceSink {
 public:
  virtual ~SliceSink() = default;
  virtual void take(std::unique_ptr<WorkerSlice> slice) = 0;
};

}  // namespace squall::model
