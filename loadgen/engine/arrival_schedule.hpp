// The intended starts of one worker: the arrivals of all scenarios, merged by time, of which each
// worker takes its share.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

struct Arrival {
  Duration offset{};        // intended start after t = 0; negative in the warm-up
  std::uint64_t index = 0;  // global, within the scenario
  std::uint16_t scenario = 0;
};

// Worker `worker` of `workers` takes the arrivals whose global index is congruent to it, so the
// workers' shares interleave and each arrival keeps its instant whatever the number of workers.
// Borrows the plan. One thread. Allocates nothing after construction.
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
  static constexpr std::size_t kBatch = 512;

  struct Source {
    std::uint16_t scenario = 0;
    std::unique_ptr<model::ArrivalCursor> cursor;
    std::array<Duration, kBatch> batch{};
    std::size_t filled = 0;
    std::size_t at = 0;
    std::uint64_t base_index = 0;  // global index of batch[0]
    bool ended = false;
  };

  void advance(Source& source, std::size_t from);
  void refill(Source& source);
  void choose();

  Duration warmup_;
  unsigned worker_;
  unsigned workers_;
  std::vector<Source> sources_;
  std::optional<Arrival> next_;
  Source* next_source_ = nullptr;
};

}  // namespace squall::engine
