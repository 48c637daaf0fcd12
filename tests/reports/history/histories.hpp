// Histories for tests.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/model/history.hpp"
#include "loadgen/model/history_plan.hpp"
#include "loadgen/model/history_report.hpp"

namespace squall::reports {

// One after the other in tests: `op` of `process` from `invoke` to `complete`, in microseconds.
inline model::HistoryOperation made(std::uint64_t process, model::HistoryOp op,
                                    model::HistoryValue value, std::int64_t invoke,
                                    std::int64_t complete,
                                    model::HistoryOutcome outcome = model::HistoryOutcome::kOk) {
  model::HistoryOperation one;
  one.process = process;
  one.client = process;
  one.arrival = process;
  one.op = op;
  one.key = "k";
  one.value = std::move(value);
  one.invoke = std::chrono::microseconds(invoke);
  one.complete = std::chrono::microseconds(complete);
  one.outcome = outcome;
  return one;
}

inline model::HistoryValue number(std::int64_t value) {
  return value;
}

inline model::HistoryValue list(const std::vector<std::int64_t>& values) {
  return model::HistoryList(values.begin(), values.end());
}

// Draws for random histories.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : rng_(StreamId(seed, "history", "test")) {}
  [[nodiscard]] std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(rng_.next_below(static_cast<std::uint64_t>(bound)));
  }
  [[nodiscard]] bool chance(double share) { return rng_.next_unit() < share; }

 private:
  Rng rng_;
};

inline std::uint64_t count_in(const model::HistoryCheckReport& report, std::string_view name) {
  for (const model::HistoryCount& count : report.counts) {
    if (count.name == name) {
      return count.count;
    }
  }
  return ~std::uint64_t{0};
}

}  // namespace squall::reports
