#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/loadgen/engine/plan_fixture.hpp"

namespace squall::test {
namespace {

using std::chrono::seconds;

std::vector<Duration> all_of(const model::ArrivalProcess& process, Duration length,
                             std::uint64_t seed, std::size_t batch = 100) {
  const auto cursor = process.open(length, StreamId(seed, "s", "arrivals"));
  std::vector<Duration> instants;
  std::vector<Duration> part(batch);
  while (const std::size_t got = cursor->fill(part)) {
    instants.insert(instants.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
  }
  return instants;
}

TEST(ConstantArrivals, AreExactInNumberAndPlace) {
  const auto process = arrivals("constant", "3/s");
  const auto instants = all_of(*process, seconds(10), 1);
  ASSERT_EQ(instants.size(), 30U);
  EXPECT_DOUBLE_EQ(process->expected_count(seconds(10)), 30.0);
  for (std::size_t i = 0; i < instants.size(); ++i) {
    EXPECT_EQ(instants[i].count(), std::llround(static_cast<double>(i) * 1e9 / 3.0));
  }
}

TEST(ConstantArrivals, DoNotDriftInADay) {
  const auto process = arrivals("constant", "7/s");
  const auto instants = all_of(*process, std::chrono::hours(24), 1, 4096);
  ASSERT_EQ(instants.size(), 7U * 86400U);
  EXPECT_NEAR(to_seconds(instants.back()), 86400.0 - 1.0 / 7.0, 1e-8);
}

TEST(PoissonArrivals, AreTheSameForTheSameSeedWhateverTheBatch) {
  const auto process = arrivals("poisson", "500/s");
  EXPECT_EQ(all_of(*process, seconds(5), 7, 1), all_of(*process, seconds(5), 7, 512));
  EXPECT_NE(all_of(*process, seconds(5), 7), all_of(*process, seconds(5), 8));
}

// Anderson-Darling statistic of gaps against the exponential distribution with the true mean (case
// 0: fully specified, so the 1% critical value is 3.857 whatever the size; Stephens, "EDF
// Statistics for Goodness of Fit", 1974).
double anderson_darling(std::vector<double> gaps, double rate) {
  std::sort(gaps.begin(), gaps.end());
  const auto n = static_cast<double>(gaps.size());
  double sum = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const double low = -std::expm1(-gaps[i] * rate);
    const double high = gaps[gaps.size() - 1 - i] * rate;  // -log(1 - F)
    sum += (2.0 * static_cast<double>(i) + 1.0) * (std::log(low) - high);
  }
  return -n - sum / n;
}

TEST(PoissonArrivals, HaveExponentialGaps) {
  const auto process = arrivals("poisson", "1000/s");
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto instants = all_of(*process, seconds(20), seed);
    // 20,000 expected; five standard deviations.
    EXPECT_NEAR(static_cast<double>(instants.size()), 20000.0, 5 * std::sqrt(20000.0));
    std::vector<double> gaps;
    Duration before{};
    for (const Duration at : instants) {
      gaps.push_back(to_seconds(at - before));
      before = at;
    }
    EXPECT_LT(anderson_darling(gaps, 1000.0), 3.857) << "seed " << seed;
  }
}

TEST(Arrivals, OfRateZeroAreAnErrorWithItsPlace) {
  model::ArrivalRegistry registry;
  engine::register_arrivals(registry);
  for (const model::ArrivalKind& kind : registry.entries()) {
    ReadTable table("rate = \"0/s\"", *kind.keys);
    ASSERT_NE(kind.compile(table.reader()), nullptr);
    EXPECT_NE(table.problems().find("makes no traffic"), std::string::npos) << kind.name;
  }
}

}  // namespace
}  // namespace squall::test
