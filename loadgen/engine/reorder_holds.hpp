// Requests that are held back until later ones of their step have passed them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"

namespace squall::engine {

// Borrows the exchanges it is told of until they have ended. Worker thread only. Costs nothing
// while nothing is held; else each call looks at all that is held and at all that could pass.
class ReorderHolds {
 public:
  struct Held {
    std::uint16_t step = 0;
    std::uint64_t arrival = 0;
    std::uint32_t slot = 0;    // whose it is
    std::uint32_t wanted = 1;  // how many are to pass
    std::uint32_t passed = 0;
    TimePoint until;         // it goes then at the latest
    bool load_ends = false;  // because no arrival follows then
  };

  void hold(const Held& held) { held_.push_back(held); }
  [[nodiscard]] bool empty() const { return held_.empty(); }

  // A request was given to an engine: it passes what is held of earlier arrivals of its step once
  // it has been sent whole.
  void submitted(std::uint16_t step, std::uint64_t arrival, const Exchange& exchange);
  // It is back: sent or not, it is not looked at again.
  void ended(const Exchange& exchange);

  // One that goes now: enough have passed it, or its time is over.
  [[nodiscard]] std::optional<Held> take_ready(TimePoint now);
  // Any one; for the end of the drain.
  [[nodiscard]] std::optional<Held> take_any();
  // When take_ready() has something to give at the latest: in the past when it has now.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;

 private:
  struct Passing {
    std::uint16_t step = 0;
    std::uint64_t arrival = 0;
    const Exchange* exchange = nullptr;
  };
  void count_sent();
  void passes(const Passing& passing);
  Held remove(std::size_t place);

  std::vector<Held> held_;
  std::vector<Passing> passing_;
};

}  // namespace squall::engine
