#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "loadgen/engine/closed_driver.hpp"
#include "loadgen/engine/start_queue.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"

namespace squall::test {
namespace {

using engine::Arrival;
using engine::ClosedDriver;
using engine::IterationBudgets;
using std::chrono::milliseconds;
using std::chrono::seconds;

model::Users users(std::uint32_t count, Duration think = {}) {
  return {.stages = {{.from = count, .to = count}},
          .think = expr::Distribution::constant(think),
          .text = {}};
}

model::Plan closed_plan(model::Users pool) {
  model::Plan plan = one_step_plan();
  plan.load.duration = seconds(10);
  plan.scenarios[0].arrivals = nullptr;
  plan.scenarios[0].users = std::move(pool);
  return plan;
}

// Plays a target that takes `service` for each iteration, until `until`.
std::vector<Arrival> play(ClosedDriver& driver, Duration service, Duration until) {
  std::vector<Arrival> taken;
  while (const Arrival* next = driver.peek()) {
    const Arrival arrival = *next;
    if (arrival.offset >= until) {
      break;
    }
    if (driver.take()) {
      taken.push_back(arrival);
      driver.ended(arrival.scenario, arrival.index, arrival.offset + service);
    }
  }
  return taken;
}

TEST(ClosedDriver, AUserStartsWhenItsLastIterationHasEndedAndItHasThought) {
  const model::Plan plan = closed_plan(users(3, milliseconds(200)));
  IterationBudgets budgets(plan);
  ClosedDriver driver(plan, 0, 1, budgets);
  const auto taken = play(driver, milliseconds(50), seconds(10));
  std::map<std::uint64_t, Duration> last;  // by user
  std::set<std::uint64_t> indices;
  for (const Arrival& arrival : taken) {
    const std::uint64_t user = arrival.index % 3;
    if (last.contains(user)) {
      EXPECT_EQ(arrival.offset - last[user], milliseconds(250));
    } else {
      EXPECT_LT(arrival.offset, milliseconds(200));  // a part of a think time
    }
    last[user] = arrival.offset;
    indices.insert(arrival.index);
  }
  EXPECT_EQ(last.size(), 3U);
  EXPECT_NEAR(static_cast<double>(taken.size()), 120, 3);
  EXPECT_EQ(indices.size(), taken.size()) << "every iteration has an index of its own";
}

TEST(ClosedDriver, UsersDoNotMarchInStep) {
  const model::Plan plan = closed_plan(users(200, seconds(1)));
  IterationBudgets budgets(plan);
  ClosedDriver driver(plan, 0, 1, budgets);
  const auto first = play(driver, seconds(100), seconds(1));
  ASSERT_EQ(first.size(), 200U);
  for (int tenth = 0; tenth < 10; ++tenth) {
    const auto within = std::count_if(first.begin(), first.end(), [&](const Arrival& arrival) {
      return arrival.offset / milliseconds(100) == tenth;
    });
    EXPECT_GT(within, 5) << tenth;
    EXPECT_LT(within, 40) << tenth;
  }
}

TEST(ClosedDriver, WorkersDivideTheUsersAndNothingElseChanges) {
  model::Users pool = users(20);
  pool.think = {.kind = expr::DistributionKind::kExponential, .center = milliseconds(300)};
  const model::Plan plan = closed_plan(pool);
  const auto identities = [&](unsigned workers) {
    std::set<std::pair<Duration, std::uint64_t>> all;
    for (unsigned worker = 0; worker < workers; ++worker) {
      IterationBudgets budgets(plan);
      ClosedDriver driver(plan, worker, workers, budgets);
      for (const Arrival& arrival : play(driver, milliseconds(20), seconds(10))) {
        EXPECT_EQ(arrival.index % 20 % workers, worker);
        all.emplace(arrival.offset, arrival.index);
      }
    }
    return all;
  };
  const auto one = identities(1);
  EXPECT_GT(one.size(), 400U);
  EXPECT_EQ(identities(2), one);
  EXPECT_EQ(identities(3), one);
  EXPECT_EQ(identities(7), one);
}

TEST(ClosedDriver, NeverHasMoreUsersThanTheStagesSay) {
  model::Users pool = users(0);
  pool.stages = {{.over = seconds(4), .from = 0, .to = 40},
                 {.over = seconds(4), .from = 40, .to = 0}};
  const model::Plan plan = closed_plan(pool);
  IterationBudgets budgets(plan);
  ClosedDriver driver(plan, 0, 1, budgets);
  for (const Arrival& arrival : play(driver, milliseconds(10), seconds(10))) {
    const double at = to_seconds(arrival.offset);
    const double line = at < 4 ? at * 10 : 80 - at * 10;
    EXPECT_LE(static_cast<double>(arrival.index % 40 + 1), line + 1e-6) << at;
  }
  EXPECT_EQ(driver.peek(), nullptr) << "nobody comes back";
}

TEST(ClosedDriver, StopsWhenTheIterationsAreDoneWhoeverDidThem) {
  model::Users pool = users(4);
  pool.iterations = 10;
  const model::Plan plan = closed_plan(pool);
  IterationBudgets budgets(plan);
  ClosedDriver mine(plan, 0, 2, budgets);
  ClosedDriver other(plan, 1, 2, budgets);
  EXPECT_FALSE(budgets.all_exhausted());
  ASSERT_NE(other.peek(), nullptr);
  EXPECT_EQ(play(mine, milliseconds(1), seconds(10)).size(), 10U);
  EXPECT_TRUE(budgets.all_exhausted());
  EXPECT_FALSE(other.take()) << "it went to the other worker after the look";
  EXPECT_EQ(other.peek(), nullptr);
  EXPECT_EQ(mine.peek(), nullptr);
}

TEST(ClosedDriver, CountsWhatIsOverdue) {
  const model::Plan plan = closed_plan(users(6));
  IterationBudgets budgets(plan);
  ClosedDriver driver(plan, 0, 2, budgets);
  EXPECT_EQ(driver.overdue(milliseconds(1)), 3U);
  EXPECT_EQ(driver.overdue(Duration::zero()), 0U);
  ASSERT_TRUE(driver.peek() != nullptr && driver.take());
  EXPECT_EQ(driver.overdue(milliseconds(1)), 2U);
}

model::Plan weighted_plan() {
  model::Plan plan = one_step_plan();
  plan.load.duration = seconds(20);
  plan.scenarios[0].arrivals = nullptr;
  plan.scenarios[0].weight = 3;
  model::Scenario other = plan.scenarios[0];
  other.name = "other";
  other.index = 1;
  other.weight = 1;
  plan.scenarios.push_back(other);
  return plan;
}

TEST(ClosedDriver, SharedUsersChooseByWeight) {
  model::Plan plan = weighted_plan();
  plan.load.users = users(10);
  IterationBudgets budgets(plan);
  ClosedDriver driver(plan, 0, 1, budgets);
  const auto taken = play(driver, milliseconds(10), seconds(10));
  ASSERT_EQ(taken.size(), 10'000U);
  const auto first = std::count_if(taken.begin(), taken.end(),
                                   [](const Arrival& arrival) { return arrival.scenario == 0; });
  EXPECT_NEAR(static_cast<double>(first), 7500, 5 * std::sqrt(10'000 * 0.75 * 0.25));
}

// Shared arrivals: each is somebody's, numbered without gaps within its scenario, the same for any
// number of workers.
// Users and limited iterations over shards: nothing twice, nothing lost, the same indices.
TEST(ClosedDriver, ShardsDivideUsersAndIterations) {
  model::Users pool = users(7, milliseconds(20));
  pool.iterations = 100;
  model::Plan plan = closed_plan(pool);
  for (const unsigned shards : {2U, 3U, 8U}) {
    std::set<std::uint64_t> indices;
    std::size_t taken = 0;
    for (unsigned shard = 0; shard < shards; ++shard) {
      plan.load.shard = {.index = shard, .count = shards};
      IterationBudgets budgets(plan);
      ClosedDriver driver(plan, 0, 1, budgets);
      const auto part = play(driver, milliseconds(5), seconds(10));
      for (const Arrival& arrival : part) {
        EXPECT_EQ(arrival.index % 7 % shards, shard);
        indices.insert(arrival.index);
      }
      taken += part.size();
    }
    EXPECT_EQ(taken, 100U) << shards << " shards";
    EXPECT_EQ(indices.size(), 100U) << shards << " shards";
  }
}

TEST(ArrivalSchedule, DealsSharedArrivalsByWeight) {
  model::Plan plan = weighted_plan();
  plan.load.arrivals = arrivals("constant", "500/s");
  const auto all_of = [&](unsigned workers) {
    std::set<std::tuple<std::uint16_t, std::uint64_t, Duration>> all;
    for (unsigned worker = 0; worker < workers; ++worker) {
      engine::ArrivalSchedule schedule(plan, worker, workers);
      for (; const Arrival* next = schedule.peek(); schedule.pop()) {
        all.emplace(next->scenario, next->index, next->offset);
      }
    }
    return all;
  };
  const auto one = all_of(1);
  ASSERT_EQ(one.size(), 10'000U);
  std::uint64_t expected[2] = {0, 0};
  for (const auto& [scenario, index, offset] : one) {
    EXPECT_EQ(index, expected[scenario]++);
  }
  EXPECT_NEAR(static_cast<double>(expected[0]), 7500, 5 * std::sqrt(10'000 * 0.75 * 0.25));
  EXPECT_EQ(all_of(2), one);
  EXPECT_EQ(all_of(3), one);
  EXPECT_EQ(all_of(7), one);
}

TEST(StartQueue, MergesArrivalsAndUsers) {
  model::Plan plan = weighted_plan();
  plan.scenarios[0].weight = 0;
  plan.scenarios[0].arrivals = arrivals("constant", "10/s");
  plan.scenarios[1].weight = 0;
  plan.scenarios[1].users = users(1, milliseconds(250));
  IterationBudgets budgets(plan);
  engine::StartQueue queue(plan, 0, 1, budgets);
  Duration before{};
  std::size_t from_users = 0;
  std::size_t all = 0;
  for (; all < 100; ++all) {
    const Arrival arrival = *queue.peek();
    EXPECT_GE(arrival.offset, before);
    before = arrival.offset;
    ASSERT_TRUE(queue.take());
    if (arrival.scenario == 1) {
      ++from_users;
      queue.absorb({{.scenario = 1, .index = arrival.index, .end = TimePoint(arrival.offset)}},
                   TimePoint());
    }
  }
  EXPECT_NEAR(static_cast<double>(from_users), 100 * 4.0 / 14.0, 2);
}

}  // namespace
}  // namespace squall::test
