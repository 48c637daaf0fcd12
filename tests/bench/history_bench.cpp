// What judging registers costs. Goal: 100,000 operations over 1,000 keys in 5 s.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "loadgen/base/rng.hpp"
#include "reports/history/checker.hpp"

namespace squall::reports {
namespace {

// On each key about eight clients at any time, half of what they do writes; one in fifty writes
// never returns. All of it true.
std::vector<model::HistoryOperation> history_of(std::int64_t keys, std::int64_t per_key) {
  Rng rng(StreamId(7, "history", "bench"));
  const auto below = [&](std::uint64_t bound) {
    return Duration(static_cast<std::int64_t>(rng.next_below(bound)));
  };
  std::vector<model::HistoryOperation> history;
  for (std::int64_t key = 0; key < keys; ++key) {
    std::int64_t value = 0;
    for (std::int64_t i = 0; i < per_key; ++i) {
      const Duration at(i * 10);
      model::HistoryOperation& one = history.emplace_back();
      one.key = fmt::format("key-{}", key);
      one.arrival = history.size();
      one.process = history.size();
      one.invoke = at - below(40);
      one.complete = at + below(40);
      one.outcome = model::HistoryOutcome::kOk;
      if (rng.next_unit() < 0.5) {
        value = i;
        one.op = model::HistoryOp::kWrite;
        one.outcome = rng.next_unit() < 0.02 ? model::HistoryOutcome::kInfo : one.outcome;
      }
      one.value = value;
    }
  }
  return history;
}

void registers(benchmark::State& state) {
  const auto history = history_of(state.range(0), state.range(1));
  for (auto _ : state) {
    const auto operations = fold_attempts(history, model::HistoryRepeats::kOnce);
    if (check_register(operations, {}, {}).verdict != model::Verdict::kPass) {
      state.SkipWithError("not linearizable");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(1));
}
BENCHMARK(registers)->Args({1, 10'000})->Args({1000, 100})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace squall::reports

BENCHMARK_MAIN();
