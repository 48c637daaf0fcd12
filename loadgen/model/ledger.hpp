// The operations of a run's effect steps and what their effects came to. Bounded memory per
// operation; attempts are on disk (ledger.ndjson), only operations are kept here.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/model/effect.hpp"
#include "loadgen/model/oracle.hpp"

namespace squall::model {

struct JudgedOperation {
  EffectOperation operation;
  EffectVerdict verdict = EffectVerdict::kOk;
  std::uint64_t effects = 0;
};

struct Judgement {
  std::vector<JudgedOperation>
      wrong;  // every operation that is not ok, in order of (step, arrival)
  // By step index: operations, verdict counts, effects.
  struct StepTotals {
    std::uint64_t operations = 0;
    std::array<std::uint64_t, kOperationOutcomeCount> outcomes{};
    std::array<std::uint64_t, kEffectVerdictCount> verdicts{};
    std::uint64_t effects = 0;
  };
  std::vector<StepTotals> steps;
  std::uint64_t unattributed =
      0;  // effects (new since the baseline) under keys that are not in the ledger
};

// One thread. 1,000,000 operations are judged in about a second.
class Ledger {
 public:
  explicit Ledger(std::size_t step_count) : step_count_(step_count) {}

  void add(EffectOperation operation) { operations_.push_back(std::move(operation)); }
  [[nodiscard]] const std::vector<EffectOperation>& operations() const { return operations_; }
  [[nodiscard]] std::vector<std::string> keys() const;
  // Counts of `settled` minus `baseline`, by the table of DESIGN §4. Keys that either reading could
  // not decide are undecided.
  [[nodiscard]] Judgement judge(const OracleReading& baseline, const OracleReading& settled) const;

 private:
  std::size_t step_count_;
  std::vector<EffectOperation> operations_;
};

}  // namespace squall::model
