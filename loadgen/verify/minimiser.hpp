// Delta debugging: the least of what a case consists of that still shows the failure.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace squall::verify {

// Whether the elements at these positions (rising), and no others, still show it.
using StillBreaks = std::function<bool(std::span<const std::size_t> kept)>;

struct Minimised {
  std::vector<std::size_t> kept;  // rising
  unsigned tries = 0;             // predicates asked
  bool is_minimal = false;  // none of `kept` can be left out alone; else the tries were used up
};

// Zeller's and Hildebrandt's ddmin over `elements` positions: tries ever smaller parts and what is
// left without them. Asks the predicate at most `most_tries` times, never twice about the same
// elements, never about none, and does not ask about all of them. REQUIRES: all of them together
// show it.
[[nodiscard]] Minimised minimise(std::size_t elements, unsigned most_tries,
                                 const StillBreaks& still_breaks);

// For failures that chance has a part in: true as soon as `once` was true `wanted` times in at most
// `tries`; stops as soon as that cannot be reached any more.
[[nodiscard]] bool breaks_often_enough(unsigned wanted, unsigned tries,
                                       const std::function<bool()>& once);

}  // namespace squall::verify
