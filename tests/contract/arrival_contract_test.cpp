// What every arrival process promises, whoever wrote it.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/contract/plan_case.hpp"

namespace squall::contract {
namespace {

using model::ArrivalKind;
using namespace std::chrono_literals;

class ArrivalContract : public ::testing::TestWithParam<ArrivalKind> {
 protected:
  [[nodiscard]] static std::shared_ptr<const model::Plan> plan() {
    return must_load(plan_with("", GetParam().example));
  }
};

// All instants of [0, length), taken in batches of that size.
std::vector<Duration> instants(const model::ArrivalProcess& process, Duration length,
                               std::uint64_t seed, std::size_t batch) {
  const auto cursor =
      process.open({.warmup = {}, .duration = length}, StreamId(seed, "buy", "arrivals"));
  std::vector<Duration> all;
  std::vector<Duration> buffer(batch);
  for (std::size_t count = batch; count == batch;) {
    count = cursor->fill(buffer);
    all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
    EXPECT_LT(all.size(), 10'000'000u) << "an arrival process must end";
    if (all.size() >= 10'000'000u) {
      break;
    }
  }
  EXPECT_EQ(cursor->fill(buffer), 0u) << "after its end it stays there";
  return all;
}

TEST_P(ArrivalContract, DescribesItself) {
  const ArrivalKind& kind = GetParam();
  expect_good_name(kind.name);
  expect_good_summary(kind.summary);
  EXPECT_NE(kind.example.find("process = \"" + std::string(kind.name) + "\""), std::string::npos);
  expect_good_keys(kind.keys);
  ASSERT_NE(kind.compile, nullptr);
}

TEST_P(ArrivalContract, ItsExampleIsAPlanAndStaysOneWhenWrittenBack) {
  const auto first = plan();
  ASSERT_NE(first, nullptr);
  EXPECT_FALSE(first->scenarios.at(0).arrivals_text.empty());
  const auto again = must_load(first->effective_text);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(instants(*first->scenarios[0].arrivals, 5s, 7, 64),
            instants(*again->scenarios[0].arrivals, 5s, 7, 64));
}

TEST_P(ArrivalContract, RefusesUnknownKeysAtTheirLine) {
  std::string example(GetParam().example);
  example.insert(example.rfind('}'), ", no_such_key = 1 ");
  expect_unknown_key_refused(plan_with("", example));
}

TEST_P(ArrivalContract, InstantsRiseStayInsideAndDoNotDependOnBatches) {
  const auto loaded = plan();
  ASSERT_NE(loaded, nullptr);
  const model::ArrivalProcess& process = *loaded->scenarios[0].arrivals;
  const std::vector<Duration> all = instants(process, 20s, 7, 1000);
  ASSERT_FALSE(all.empty());
  EXPECT_GE(all.front(), Duration::zero());
  EXPECT_LT(all.back(), 20s);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_EQ(instants(process, 20s, 7, 1), all);
  EXPECT_EQ(instants(process, 20s, 7, 4096), all);
}

// Within five standard deviations of a Poisson count, the most random process there is.
TEST_P(ArrivalContract, ComesAsOftenAsItSays) {
  const auto loaded = plan();
  ASSERT_NE(loaded, nullptr);
  const model::ArrivalProcess& process = *loaded->scenarios[0].arrivals;
  const double expected = process.expected_count({.warmup = {}, .duration = 60s});
  ASSERT_GT(expected, 0);
  EXPECT_GE(process.peak_rate({.warmup = {}, .duration = 60s}).per_second * 60, expected * 0.999);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto count = static_cast<double>(instants(process, 60s, seed, 512).size());
    EXPECT_NEAR(count, expected, 5 * std::sqrt(expected) + 1) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, ArrivalContract,
                         ::testing::ValuesIn(all_registries().arrivals.entries()),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace squall::contract
