// Whether the operations on one register can be put in an order that explains them all.
//
// The search is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the
// memory of Lowe ("Testing for linearizability", 2017): configurations (which operations have been
// put in order, and the value after them) that led nowhere are not entered again. The general
// problem is NP-complete; what it costs depends on how many operations overlap, and on how many are
// open to the end.
//
//   call A   call B   return A   call C   return B   …      in order of time
//     ▲ the next in order is one whose call stands before every return that is left
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "reports/history/checker.hpp"

namespace squall::reports {

// One operation on the register. Values are numbered by whoever asks. A value.
struct RegisterOperation {
  enum class Kind : std::uint8_t { kRead, kWrite, kCas };
  // Of `complete`: it may be done at any time after its invoke, or never.
  static constexpr std::int64_t kOpen = std::numeric_limits<std::int64_t>::max();

  Kind kind = Kind::kRead;
  std::uint32_t value = 0;     // seen or written
  std::uint32_t expected = 0;  // of kCas
  std::int64_t invoke = 0;     // in any unit, on one clock
  std::int64_t complete = 0;   // operations that touch overlap
};

struct RegisterOrder {
  enum class Result : std::uint8_t { kFound, kNone, kGaveUp };
  Result result = Result::kFound;
  std::size_t placed = 0;  // operations in the longest order that was found
  // Of kNone: no order gets past the complete of this one. The operations that were invoked by then
  // contradict each other, and without its return they do not.
  std::size_t blocked = 0;
  std::uint64_t steps = 0;
};

// REQUIRES: fewer than 2^30 operations. `initial`: the value before all of them; nothing when it is
// not known: then the first read, if no write is before it, may see anything. Gives up after
// `max_steps`, or at the limits. Open reads are not allowed: they say nothing.
[[nodiscard]] RegisterOrder find_order(std::span<const RegisterOperation> operations,
                                       std::optional<std::uint32_t> initial,
                                       std::uint64_t max_steps, const SearchLimits& limits);

// Of operations without an order, positions of a few that contradict each other by themselves, in
// order of invoke. `blocked`: what find_order() said of them. Nothing is left away that could
// explain what another one saw.
[[nodiscard]] std::vector<std::size_t> contradiction(std::span<const RegisterOperation> operations,
                                                     std::optional<std::uint32_t> initial,
                                                     std::size_t blocked,
                                                     const SearchLimits& limits);

}  // namespace squall::reports
