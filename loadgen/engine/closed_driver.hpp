// The starts of one worker's virtual users: each begins an iteration when its last one has ended
// and it has thought.
//
//   begin ──► iteration ──► ended() ──► think ──► due ──► take() ──► iteration …
//
// The intended start of an iteration is the instant at which it became due here, the end of the one
// before it plus the think time: there is no schedule that it could be late against, so its lag is
// the generator's alone and its response is what the user saw. A slow target is asked less; that is
// the closed model, and why it shows no capacity.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <queue>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/engine/arrival_schedule.hpp"
#include "loadgen/engine/scenario_pick.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// How many iterations each pool of users may still begin, all workers of this shard together: of a
// limited pool the shards have as much as they have users. Any thread.
class IterationBudgets {
 public:
  explicit IterationBudgets(const model::Plan& plan);

  // Takes one. False when none is left.
  [[nodiscard]] bool take(std::size_t pool);
  [[nodiscard]] bool exhausted(std::size_t pool) const;
  // Whether every pool is limited and has none left; false without pools.
  [[nodiscard]] bool all_exhausted() const;

 private:
  static constexpr std::uint64_t kNoLimit = UINT64_MAX;
  std::size_t count_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> left_;
};

// What FlowRunner tells of an iteration that is over.
struct EndedIteration {
  std::uint16_t scenario = 0;
  std::uint64_t index = 0;
  TimePoint end;
};

// Worker `worker` of the plan's shard has the users whose number is in its work_share(). Iteration
// i of user u has the index i * (most users) + u, so it is unique and depends on neither shards nor
// workers; neither do its keys, faults and think time. Borrows the plan and the budgets. One
// thread.
class ClosedDriver {
 public:
  ClosedDriver(const model::Plan& plan, unsigned worker, unsigned workers,
               IterationBudgets& budgets);

  // The start that is due first; nullptr when no user waits for one. Valid until the next call of
  // anything.
  [[nodiscard]] const Arrival* peek();
  // Takes it. False when the last iteration went to another worker: then it is gone. REQUIRES:
  // peek() != nullptr.
  [[nodiscard]] bool take();
  // An iteration of a closed scenario is over, at that offset after t = 0.
  void ended(std::uint16_t scenario, std::uint64_t index, Duration end);
  // How many starts are due before `offset` and not taken yet.
  [[nodiscard]] std::uint64_t overdue(Duration offset) const;

 private:
  struct Pool {
    const model::Users* users = nullptr;
    std::uint16_t scenario = 0;  // whose it is, unless it is shared
    bool shared = false;
    std::uint32_t most = 0;
    StreamId think;
  };
  struct Start {
    Arrival arrival;
    std::size_t pool = 0;
  };
  struct Later {
    bool operator()(const Start& a, const Start& b) const {
      return a.arrival.offset != b.arrival.offset ? a.arrival.offset > b.arrival.offset
                                                  : a.arrival.index > b.arrival.index;
    }
  };
  // A heap that can be looked through.
  struct Starts : std::priority_queue<Start, std::vector<Start>, Later> {
    [[nodiscard]] const std::vector<Start>& all() const { return c; }
  };

  void plan_start(std::size_t pool, std::uint64_t index, Duration earliest);
  [[nodiscard]] Duration think_before(const Pool& pool, std::uint64_t index) const;

  IterationBudgets& budgets_;
  ScenarioPick pick_;
  std::vector<Pool> pools_;
  std::vector<std::size_t> pool_of_;  // by scenario
  Starts starts_;
};

}  // namespace squall::engine
