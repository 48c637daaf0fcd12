// What judging a run's effects costs. Goal (ACCURACY §2): 1,000,000 operations in 1 s.
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "loadgen/base/hash.hpp"
#include "loadgen/model/ledger.hpp"

namespace squall::model {
namespace {

std::string key_of(std::uint64_t arrival) {
  return fmt::format("{:016x}{:016x}", mix64(arrival), mix64(arrival + 1));
}

void judge(benchmark::State& state) {
  const auto operations = static_cast<std::uint64_t>(state.range(0));
  Ledger ledger(2);
  OracleReading settled;
  for (std::uint64_t i = 0; i < operations; ++i) {
    EffectOperation operation;
    operation.arrival = i;
    operation.step = static_cast<std::uint16_t>(i & 1);
    operation.key = key_of(i);
    operation.outcome = OperationOutcome::kAcked;
    if (i % 1000 != 7) {
      settled.counts[operation.key] = i % 1000 == 3 ? 2 : 1;
    }
    ledger.add(std::move(operation));
  }
  for (auto _ : state) {
    const Judgement judgement = ledger.judge({}, settled);
    if (judgement.wrong.size() != operations / 500) {
      state.SkipWithError("wrong judgement");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(judge)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace squall::model

BENCHMARK_MAIN();
