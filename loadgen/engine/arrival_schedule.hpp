// The intended starts of one worker: the arrivals of all scenarios, merged by time, of which each
// worker of each shard takes its share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/scenario_pick.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

struct Arrival {
  Duration offset{};        // intended start after t = 0; negative in the warm-up
  std::uint64_t index = 0;  // within the scenario, all workers and shards together
  std::uint16_t scenario = 0;
};

// Worker `worker` of the plan's shard takes the arrivals whose index within their stream is in its
// work_share(), so the shares interleave and each arrival keeps its instant whatever the number of
// shards and workers. Arrivals that scenarios share by weight are dealt out by that index
// (ScenarioPick) and numbered anew within each scenario; every worker walks all of them, so it
// knows the numbers. Borrows the plan. One thread. Allocates nothing after construction.
class ArrivalSchedule {
 public:
  ArrivalSchedule(const model::Plan& plan, unsigned worker, unsigned workers);

  // The next arrival without taking it; nullptr at the end. Valid until pop().
  [[nodiscard]] const Arrival* peek() const { return next_ ? &*next_ : nullptr; }
  // REQUIRES: peek() != nullptr.
  void pop();
  // How many of this worker's arrivals are due before `offset` and not taken yet.
  [[nodiscard]] std::uint64_t overdue(Duration offset);

 private:
  // Of own arrivals, about, so that a worker which is a little behind has them all at hand; of all,
  // at most (8 bytes each).
  static constexpr std::size_t kOwnBatch = 512;
  static constexpr std::size_t kMostBatch = 65'536;

  struct Source {
    std::uint16_t scenario = 0;  // of what `at` points to
    bool shared = false;
    std::unique_ptr<model::ArrivalCursor> cursor;
    std::vector<Duration> batch;
    std::size_t filled = 0;
    std::size_t at = 0;
    std::uint64_t base_index = 0;  // index of batch[0] within the stream
    std::uint64_t index = 0;       // of what `at` points to, within its scenario
    bool ended = false;
  };

  void advance(Source& source, std::size_t from);
  void number(Source& source);
  void refill(Source& source);
  void choose();

  Duration warmup_;
  model::Shard share_;
  ScenarioPick pick_;
  std::vector<std::uint64_t> dealt_;  // by scenario: shared arrivals so far
  std::vector<Source> sources_;
  std::optional<Arrival> next_;
  Source* next_source_ = nullptr;
};

}  // namespace squall::engine
