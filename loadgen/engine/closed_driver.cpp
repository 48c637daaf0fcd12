#include "loadgen/engine/closed_driver.hpp"

#include <algorithm>

#include "loadgen/engine/work_share.hpp"
#include "loadgen/model/load_model.hpp"

namespace squall::engine {
namespace {

// In proportion to the shard's users, and all shards' parts add up to the limit.
std::uint64_t iterations_of(const model::Users& users, const model::Shard& shard) {
  const std::uint64_t most = users.most();
  std::uint64_t users_before = 0;
  for (unsigned i = 0; i < shard.index; ++i) {
    users_before += part_of(most, {.index = i, .count = shard.count});
  }
  const std::uint64_t users_until = users_before + part_of(most, shard);
  const auto iterations_until = [&](std::uint64_t user) {
    // Neither product nor rounding may lose one: whole rounds first, then the rest.
    const std::uint64_t rest = users.iterations % most;
    return users.iterations / most * user + rest * user / most;
  };
  return iterations_until(users_until) - iterations_until(users_before);
}

}  // namespace

IterationBudgets::IterationBudgets(const model::Plan& plan) {
  const auto pools = model::user_pools(plan);
  count_ = pools.size();
  left_ = std::make_unique<std::atomic<std::uint64_t>[]>(count_);
  for (std::size_t i = 0; i < count_; ++i) {
    left_[i] = pools[i]->iterations > 0 ? iterations_of(*pools[i], plan.load.shard) : kNoLimit;
  }
}

bool IterationBudgets::take(std::size_t pool) {
  std::uint64_t left = left_[pool].load(std::memory_order_relaxed);
  while (left > 0 && left != kNoLimit &&
         !left_[pool].compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
  }
  return left > 0;
}

bool IterationBudgets::exhausted(std::size_t pool) const {
  return left_[pool].load(std::memory_order_relaxed) == 0;
}

bool IterationBudgets::all_exhausted() const {
  bool all = count_ > 0;
  for (std::size_t i = 0; i < count_; ++i) {
    all = all && exhausted(i);
  }
  return all;
}

ClosedDriver::ClosedDriver(const model::Plan& plan, unsigned worker, unsigned workers,
                           IterationBudgets& budgets)
    : budgets_(budgets), pick_(plan), pool_of_(plan.scenarios.size()) {
  const model::Shard share = work_share(plan.load.shard, worker, workers);
  const auto add = [&](const model::Users& users, std::string_view name) -> Pool& {
    return pools_.emplace_back(
        Pool{.users = &users, .most = users.most(), .think = StreamId(plan.seed, name, "think")});
  };
  for (const model::Scenario& scenario : plan.scenarios) {
    if (scenario.users) {
      pool_of_[scenario.index] = pools_.size();
      add(*scenario.users, scenario.name).scenario = scenario.index;
    }
  }
  if (plan.load.users) {
    for (const model::Scenario& scenario : plan.scenarios) {
      if (scenario.weight > 0) {
        pool_of_[scenario.index] = pools_.size();
      }
    }
    add(*plan.load.users, "load").shared = true;
  }
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    for (std::uint32_t user = share.index; user < pools_[i].most; user += share.count) {
      plan_start(i, user, -plan.load.warmup);
    }
  }
}

Duration ClosedDriver::think_before(const Pool& pool, std::uint64_t index) const {
  const Duration think =
      pool.users->think.at(pool.think.unit_at(index, 0), pool.think.unit_at(index, 1));
  if (index >= pool.most) {
    return think;
  }
  // Nobody knows how long a user has been thinking when the load begins.
  return Duration(
      static_cast<std::int64_t>(static_cast<double>(think.count()) * pool.think.unit_at(index, 2)));
}

void ClosedDriver::plan_start(std::size_t pool_index, std::uint64_t index, Duration earliest) {
  const Pool& pool = pools_[pool_index];
  const auto user = static_cast<std::uint32_t>(index % pool.most);
  const auto at = pool.users->next_active(user, earliest);
  if (at) {
    // A user that waits to become active has not begun to think.
    const auto due = pool.users->next_active(user, *at + think_before(pool, index));
    if (due) {
      const std::uint16_t scenario = pool.shared ? pick_.at(index) : pool.scenario;
      starts_.push(
          {.arrival = {.offset = *due, .index = index, .scenario = scenario}, .pool = pool_index});
    }
  }
}

const Arrival* ClosedDriver::peek() {
  while (!starts_.empty() && budgets_.exhausted(starts_.top().pool)) {
    starts_.pop();
  }
  return starts_.empty() ? nullptr : &starts_.top().arrival;
}

bool ClosedDriver::take() {
  const std::size_t pool = starts_.top().pool;
  starts_.pop();
  return budgets_.take(pool);
}

void ClosedDriver::ended(std::uint16_t scenario, std::uint64_t index, Duration end) {
  const std::size_t pool = pool_of_[scenario];
  if (!budgets_.exhausted(pool)) {
    plan_start(pool, index + pools_[pool].most, end);
  }
}

std::uint64_t ClosedDriver::overdue(Duration offset) const {
  const auto& all = starts_.all();
  return static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), [&](const Start& start) {
    return start.arrival.offset < offset && !budgets_.exhausted(start.pool);
  }));
}

}  // namespace squall::engine
