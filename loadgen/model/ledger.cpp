#include "loadgen/model/ledger.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

#include "loadgen/base/check.hpp"
#include "loadgen/base/hash.hpp"

namespace squall::model {
namespace {

// What the readings say of one key of the ledger.
struct KeyEffects {
  std::uint64_t count = 0;
  bool undecided = false;
  bool counted = false;  // into its step's effects: keys that several operations share count once
};

// Keys to slots: open addressing over a table of operation numbers, because a million nodes of a
// standard map cost more time in the allocator than the whole judgement. Borrows the operations.
class KeyIndex {
 public:
  explicit KeyIndex(const std::vector<EffectOperation>& operations)
      : operations_(operations), table_(std::bit_ceil(operations.size() * 2 + 1), kFree) {
    SQUALL_CHECK(operations.size() < kFree);
    slot_of_.reserve(operations.size());
    for (std::size_t i = 0; i < operations.size(); ++i) {
      std::uint32_t& entry = entry_of(operations[i].key);
      if (entry == kFree) {
        entry = static_cast<std::uint32_t>(i);
      }
      slot_of_.push_back(entry);
    }
  }

  // The slot of a key, the number of the first operation that has it; nothing when none has.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view key) {
    const std::uint32_t entry = entry_of(key);
    return entry == kFree ? std::nullopt : std::optional<std::size_t>(entry);
  }
  [[nodiscard]] std::size_t slot_of(std::size_t operation) const { return slot_of_[operation]; }

 private:
  static constexpr std::uint32_t kFree = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t& entry_of(std::string_view key) {
    const std::size_t mask = table_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash_bytes(key)) & mask;
    while (table_[at] != kFree && operations_[table_[at]].key != key) {
      at = (at + 1) & mask;
    }
    return table_[at];
  }

  const std::vector<EffectOperation>& operations_;
  std::vector<std::uint32_t> table_;
  std::vector<std::uint32_t> slot_of_;
};

// Walks both readings, which are in order of key, side by side.
class BaselineWalk {
 public:
  explicit BaselineWalk(const OracleReading& baseline)
      : at_(baseline.counts.begin()), end_(baseline.counts.end()) {}

  // REQUIRES: keys in rising order from call to call.
  [[nodiscard]] std::uint64_t count_of(std::string_view key) {
    while (at_ != end_ && at_->first < key) {
      ++at_;
    }
    return at_ != end_ && at_->first == key ? at_->second : 0;
  }

 private:
  decltype(OracleReading::counts)::const_iterator at_;
  decltype(OracleReading::counts)::const_iterator end_;
};

}  // namespace

std::vector<std::string> Ledger::keys() const {
  std::vector<std::string> keys;
  keys.reserve(operations_.size());
  for (const EffectOperation& operation : operations_) {
    keys.push_back(operation.key);
  }
  return keys;
}

Judgement Ledger::judge(const OracleReading& baseline, const OracleReading& settled) const {
  Judgement judgement;
  judgement.steps.resize(step_count_);
  KeyIndex index(operations_);
  std::vector<KeyEffects> effects(operations_.size());

  BaselineWalk before(baseline);
  for (const auto& [key, count] : settled.counts) {
    const std::uint64_t old = before.count_of(key);
    const std::uint64_t fresh = count > old ? count - old : 0;
    if (const std::optional<std::size_t> slot = index.find(key)) {
      effects[*slot].count = fresh;
    } else {
      judgement.unattributed += fresh;
    }
  }
  for (const OracleReading* reading : {&baseline, &settled}) {
    for (const std::string& key : reading->undecided) {
      if (const std::optional<std::size_t> slot = index.find(key)) {
        effects[*slot].undecided = true;
      }
    }
  }

  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const EffectOperation& operation = operations_[i];
    SQUALL_CHECK(operation.step < step_count_);
    KeyEffects& found = effects[index.slot_of(i)];
    const EffectVerdict verdict =
        found.undecided ? EffectVerdict::kUndecided : model::judge(operation.outcome, found.count);
    Judgement::StepTotals& totals = judgement.steps[operation.step];
    ++totals.operations;
    ++totals.outcomes.at(static_cast<std::size_t>(operation.outcome));
    ++totals.verdicts.at(static_cast<std::size_t>(verdict));
    totals.effects += found.counted ? 0 : found.count;
    found.counted = true;
    if (verdict != EffectVerdict::kOk) {
      judgement.wrong.push_back({operation, verdict, found.count});
    }
  }
  std::stable_sort(judgement.wrong.begin(), judgement.wrong.end(),
                   [](const JudgedOperation& a, const JudgedOperation& b) {
                     return std::tie(a.operation.step, a.operation.arrival) <
                            std::tie(b.operation.step, b.operation.arrival);
                   });
  return judgement;
}

}  // namespace squall::model
