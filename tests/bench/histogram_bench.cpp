// What recording and merging cost. Goals (ACCURACY §2): a record at most 10 ns, a merge of 1,000
// shards below 1 s.
#include <vector>

#include <benchmark/benchmark.h>

#include "loadgen/base/rng.hpp"
#include "loadgen/stats/histogram.hpp"
#include "loadgen/stats/histogram_codec.hpp"

namespace squall::stats {
namespace {

// Log-normal latencies around 1 ms: about as many buckets as a real second touches.
std::vector<std::int64_t> latencies() {
  Rng rng(StreamId(1, "bench", "histogram"));
  std::vector<std::int64_t> values(1 << 14);
  for (std::int64_t& value : values) {
    value = static_cast<std::int64_t>(1000 * (1 + 10 * rng.next_exponential() * rng.next_unit()));
  }
  return values;
}

template <class H>
void record(benchmark::State& state) {
  const std::vector<std::int64_t> values = latencies();
  H histogram;
  std::size_t at = 0;
  for (auto _ : state) {
    histogram.record(values[at++ & (values.size() - 1)]);
  }
  benchmark::DoNotOptimize(histogram.count());
}
BENCHMARK_TEMPLATE(record, IntervalHistogram);
BENCHMARK_TEMPLATE(record, Histogram);

void merge_1000_shards(benchmark::State& state) {
  Histogram shard;
  for (const std::int64_t value : latencies()) {
    shard.record(value);
  }
  for (auto _ : state) {
    Histogram total;
    for (int i = 0; i < 1000; ++i) {
      total.merge(shard);
    }
    benchmark::DoNotOptimize(total.count());
  }
}
BENCHMARK(merge_1000_shards)->Unit(benchmark::kMillisecond);

void encode(benchmark::State& state) {
  IntervalHistogram histogram;
  for (const std::int64_t value : latencies()) {
    histogram.record(value);
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode_v2_base64(histogram));
  }
}
BENCHMARK(encode)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace squall::stats

BENCHMARK_MAIN();
