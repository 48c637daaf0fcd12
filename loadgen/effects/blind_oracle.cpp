#include "loadgen/effects/blind_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "loadgen/base/text.hpp"
#include "loadgen/effects/settle.hpp"

namespace squall::effects {
namespace {

using model::EffectOperation;
using model::OracleReading;

std::uint64_t count_of(const OracleReading& reading, std::string_view key) {
  const auto found = reading.counts.find(key);
  return found == reading.counts.end() ? 0 : found->second;
}

bool shows(const OracleReading& reading, std::string_view key) {
  return reading.undecided.contains(key) || count_of(reading, key) > 0;
}

// Acknowledged, and no effect of it is there: lost, if the oracle can be believed.
bool looks_lost(const EffectOperation& operation, const TakenReadings& readings) {
  return operation.outcome == model::OperationOutcome::kAcked &&
         !readings.settled.undecided.contains(operation.key) &&
         count_of(readings.settled, operation.key) <= count_of(readings.baseline, operation.key);
}

// Whether the oracle showed any effect of that step.
bool sees(std::size_t step, const model::Ledger& ledger, std::span<const TriedEffect> tried,
          const TakenReadings& readings) {
  const bool preflight = std::any_of(tried.begin(), tried.end(), [&](const TriedEffect& one) {
    return one.step == step &&
           (shows(readings.baseline, one.key) || shows(readings.settled, one.key));
  });
  const auto& operations = ledger.operations();
  return preflight ||
         std::any_of(operations.begin(), operations.end(), [&](const EffectOperation& operation) {
           return operation.step == step && shows(readings.settled, operation.key);
         });
}

std::string with_remark(std::string text, const ReadingDoubt& doubt) {
  return doubt.remark.empty() ? text : text + "; " + doubt.remark;
}

std::string reason_of_blindness(const model::Plan& plan, const TriedEffect& tried,
                                const TakenReadings& readings) {
  std::string text = fmt::format(
      "it shows no effect of {}, not even the preflight's, which was acknowledged (key {})",
      plan.steps[tried.step].full_name, printable(tried.key));
  const auto& counts = readings.settled.counts;
  if (readings.doubt.remark.empty() && !counts.empty()) {
    text += fmt::format("; it counts {} effects under other keys, {} for one: is that the key?",
                        total_effects(readings.settled), printable(counts.begin()->first, 60));
  }
  return with_remark(std::move(text), readings.doubt);
}

}  // namespace

const TriedEffect* first_unseen(std::span<const TriedEffect> tried, const OracleReading& reading) {
  const auto unseen = std::find_if(tried.begin(), tried.end(), [&](const TriedEffect& one) {
    return std::none_of(tried.begin(), tried.end(), [&](const TriedEffect& other) {
      return other.step == one.step && shows(reading, other.key);
    });
  });
  return unseen == tried.end() ? nullptr : &*unseen;
}

std::optional<OracleReading> without_blind_spots(const model::Plan& plan,
                                                 const model::Ledger& ledger,
                                                 std::span<const TriedEffect> tried,
                                                 const TakenReadings& readings) {
  std::vector<bool> blind(plan.steps.size(), false);
  std::string reason;
  for (const TriedEffect& one : tried) {
    if (!blind[one.step] && !sees(one.step, ledger, tried, readings)) {
      blind[one.step] = true;
      reason = reason.empty() ? reason_of_blindness(plan, one, readings) : reason;
    }
  }
  if (reason.empty() && readings.doubt.incomplete) {
    reason = with_remark("acknowledged operations are not in what it reads", readings.doubt);
  }
  std::optional<OracleReading> doubted;
  for (const EffectOperation& operation : ledger.operations()) {
    // Who sees nothing of a step sees no duplicate of it either.
    if (!blind[operation.step] && !(readings.doubt.incomplete && looks_lost(operation, readings))) {
      continue;
    }
    if (!doubted) {
      doubted = readings.settled;
    }
    doubted->undecided.insert(operation.key);
  }
  if (doubted && doubted->undecided_reason.empty()) {
    doubted->undecided_reason = std::move(reason);
  }
  return doubted;
}

}  // namespace squall::effects
