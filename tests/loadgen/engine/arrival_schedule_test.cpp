#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "loadgen/engine/arrival_schedule.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"

namespace squall::test {
namespace {

using engine::Arrival;
using engine::ArrivalSchedule;
using std::chrono::milliseconds;
using std::chrono::seconds;

model::Plan two_scenarios() {
  model::Plan plan = one_step_plan();
  plan.load.warmup = seconds(1);
  plan.load.duration = seconds(4);
  plan.scenarios[0].arrivals = arrivals("poisson", "300/s");
  model::Scenario other = plan.scenarios[0];
  other.name = "other";
  other.index = 1;
  other.arrivals = arrivals("constant", "100/s");
  plan.scenarios.push_back(other);
  return plan;
}

std::vector<Arrival> all_of(const model::Plan& plan, unsigned worker, unsigned workers) {
  ArrivalSchedule schedule(plan, worker, workers);
  std::vector<Arrival> taken;
  while (const Arrival* next = schedule.peek()) {
    taken.push_back(*next);
    schedule.pop();
  }
  return taken;
}

using Identity = std::tuple<std::int64_t, std::uint64_t, std::uint16_t>;
std::multiset<Identity> identities(const std::vector<Arrival>& arrivals) {
  std::multiset<Identity> result;
  for (const Arrival& arrival : arrivals) {
    result.emplace(arrival.offset.count(), arrival.index, arrival.scenario);
  }
  return result;
}

TEST(ArrivalSchedule, MergesScenariosByTimeAndStartsInTheWarmup) {
  const model::Plan plan = two_scenarios();
  const auto taken = all_of(plan, 0, 1);
  EXPECT_TRUE(std::is_sorted(taken.begin(), taken.end(), [](const Arrival& a, const Arrival& b) {
    return a.offset < b.offset;
  }));
  EXPECT_EQ(taken.front().offset, -plan.load.warmup);
  EXPECT_LT(taken.back().offset, plan.load.duration);
  EXPECT_EQ(
      std::count_if(taken.begin(), taken.end(), [](const Arrival& a) { return a.scenario == 1; }),
      500);
}

TEST(ArrivalSchedule, WorkersTogetherTakeEachArrivalOnce) {
  const model::Plan plan = two_scenarios();
  const auto whole = identities(all_of(plan, 0, 1));
  for (const unsigned workers : {2U, 3U, 7U}) {
    std::vector<Arrival> together;
    for (unsigned worker = 0; worker < workers; ++worker) {
      const auto part = all_of(plan, worker, workers);
      EXPECT_NEAR(static_cast<double>(part.size()), static_cast<double>(whole.size()) / workers,
                  2.0);
      together.insert(together.end(), part.begin(), part.end());
    }
    EXPECT_EQ(identities(together), whole) << workers << " workers";
  }
}

// Each process, over 1, 2, 3 and 7 workers, in warm-up and measured phase: the same arrivals.
TEST(ArrivalSchedule, DividesEveryProcessWithoutMovingAnything) {
  const std::vector<std::pair<std::string, std::string>> processes = {
      {"ramp", "from = '0/s'\nto = '500/s'\nover = '2s'"},
      {"ramp", "from = '500/s'\nto = '0/s'\nover = '2s'\nspacing = 'poisson'"},
      {"steps", "from = '10/s'\nby = '90/s'\nevery = '500ms'\nto = '300/s'"},
      {"spike", "base = '20/s'\npeak = '700/s'\nat = '1s'\nfor = '1s'\nrise = '300ms'"},
      {"sine", "mean = '200/s'\namplitude = '200/s'\nperiod = '1500ms'"},
      {"burst", "size = 40\nevery = '300ms'\nbase = '33/s'"},
  };
  for (const auto& [kind, keys] : processes) {
    model::Plan plan = two_scenarios();
    plan.scenarios[0].arrivals = arrivals_of(kind, keys);
    const auto whole = identities(all_of(plan, 0, 1));
    EXPECT_GT(whole.size(), 800U) << kind;
    for (const unsigned workers : {2U, 3U, 7U}) {
      std::multiset<Identity> together;
      for (unsigned worker = 0; worker < workers; ++worker) {
        together.merge(identities(all_of(plan, worker, workers)));
      }
      EXPECT_EQ(together, whole) << kind << ", " << workers << " workers";
    }
  }
}

// Every worker of every shard, and each arrival stays where it is.
TEST(ArrivalSchedule, ShardsTogetherTakeEachArrivalOnce) {
  model::Plan plan = two_scenarios();
  const auto whole = identities(all_of(plan, 0, 1));
  for (const unsigned shards : {2U, 8U}) {
    std::multiset<Identity> together;
    for (unsigned shard = 0; shard < shards; ++shard) {
      plan.load.shard = {.index = shard, .count = shards};
      const auto part = identities(all_of(plan, 0, 1));
      for (const Identity& one : part) {
        EXPECT_EQ(std::get<1>(one) % shards, shard);
      }
      std::multiset<Identity> of_workers;
      for (unsigned worker = 0; worker < 3; ++worker) {
        of_workers.merge(identities(all_of(plan, worker, 3)));
      }
      EXPECT_EQ(of_workers, part) << "shard " << shard << " of " << shards;
      together.merge(of_workers);
    }
    EXPECT_EQ(together, whole) << shards << " shards";
  }
}

TEST(ArrivalSchedule, AShardOfManyStillCountsWhatIsOverdue) {
  model::Plan plan = one_step_plan();
  plan.load.duration = seconds(100);
  plan.scenarios[0].arrivals = arrivals("constant", "1000/s");
  plan.load.shard = {.index = 7, .count = 100};
  ArrivalSchedule schedule(plan, 0, 1);
  EXPECT_EQ(schedule.overdue(seconds(10)), 100U);
}

TEST(ArrivalSchedule, CountsWhatIsOverdue) {
  model::Plan plan = one_step_plan();  // 100/s, constant
  ArrivalSchedule schedule(plan, 0, 2);
  EXPECT_EQ(schedule.overdue(Duration::zero()), 0U);
  EXPECT_EQ(schedule.overdue(milliseconds(100)), 5U);  // every second of 10
  schedule.pop();
  EXPECT_EQ(schedule.overdue(milliseconds(100)), 4U);
}

}  // namespace
}  // namespace squall::test
