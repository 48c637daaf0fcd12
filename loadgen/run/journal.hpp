// events.ndjson and ledger.ndjson: what a run writes while it goes on, so that a killed one can
// still be reported.
//
// events.ndjson   one JSON object a line:
//   {"type":"start","record":{…}}    identity, steps and faults; after a rotation also everything
//   so far
//   {"type":"second","record":{…}}   a record that holds one second: histograms, counters, series
//   entry, faults
//   {"type":"event","record":{…}}    a record that holds events or breaches
//   {"type":"effects","record":{…}}  the effect report, when the oracles have settled
//   {"type":"end","record":{…}}      what the run came to; nothing follows
// ledger.ndjson   one line per attempt of an effect step, one per operation of one; none for plain
// requests. In the order of LedgerPlace, whatever the number of threads
// history.ndjson  one line per attempt of a step with `history`; only of plans that keep one
//
// Lines are handed to the kernel at least each second: a SIGKILL costs the second that was going
// on. events.ndjson is bounded: beyond 64 MiB, or twice what the totals take when that is more, it
// is replaced by a file that starts from the totals so far.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::run {

// Owns the files. One thread. After the first failure to write (kIo: disk full, directory gone)
// nothing more is written and each call returns that failure again; the run itself goes on.
class Journal {
 public:
  struct Options {
    std::uint64_t rotate_bytes = 64ULL * 1024 * 1024;
    bool history = false;  // the plan keeps one
  };
  // Makes the files in `directory`, which exists. `identity`: the record without measurements.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> open(const std::string& directory,
                                                             const model::RunRecord& identity,
                                                             const Options& options);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // `total`: the run's record including the delta; written instead when the file is rotated.
  Result<void> second(const model::RunRecord& delta, const model::RunRecord& total);
  Result<void> event(const model::RunEvent& event);
  Result<void> breach(const model::Breach& breach);
  // How the timeline went: the actions that are not as the journal has them, and all faults on
  // proxies as they are by now.
  Result<void> timeline(std::vector<model::RecordedAction> changed,
                        std::vector<model::RecordedProxyFault> faults);
  // What proxies and probes saw, when the load is over: a killed run has none of it.
  Result<void> observations(const model::RunRecord& record);
  Result<void> effects(const model::EffectReport& effects);
  // What is known of idempotency by now; replaces what an earlier call said.
  Result<void> idempotency(std::shared_ptr<const model::IdempotencyReport> report);
  // The last call, when everything is done and judged: without it the journal is one of a run that
  // was killed. `judged`: the run's record; only what no other line says of it is written.
  Result<void> end(const model::RunRecord& judged);
  // What was recorded in that second, in any order. REQUIRES: each call is for a later second.
  Result<void> ledger(std::int64_t second, const std::vector<model::RecordedStep>& steps,
                      std::span<const model::EffectAttempt> attempts,
                      std::span<const model::EffectOperation> operations);
  // REQUIRES: Options::history, or nothing to write.
  Result<void> history(const std::vector<model::RecordedStep>& steps,
                       std::span<const model::HistoryOperation> operations);

 private:
  class File;
  Journal(std::string directory, const Options& options);
  Result<void> append(std::string_view type, const model::RunRecord& record);
  Result<void> rotate(const model::RunRecord& total);

  std::string directory_;
  std::uint64_t rotate_at_;  // bytes
  std::unique_ptr<File> events_;
  std::unique_ptr<File> ledger_;
  std::unique_ptr<File> history_;  // null: none is kept
};

// The record of a run from its journal. The last line may be cut off; any other broken line is
// kMalformed with its number. With an end line it is complete, judgement included; without one
// `complete` is false, whatever else is there, and nothing of it is judged.
[[nodiscard]] Result<model::RunRecord> read_journal(const std::string& directory);

// Attempts and operations of the ledger, for the keys in `keys` only, in file order. A cut-off last
// line is passed over.
struct LedgerExcerpt {
  std::vector<model::EffectAttempt> attempts;
  std::vector<model::EffectOperation> operations;
};
[[nodiscard]] Result<LedgerExcerpt> read_ledger(const std::string& directory,
                                                const std::vector<model::RecordedStep>& steps,
                                                const std::set<std::string, std::less<>>& keys);

}  // namespace squall::run
