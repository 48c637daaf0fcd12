// How the parts of several faults become one wire script, and which parts contradict each other.
#pragma once

#include "loadgen/base/result.hpp"
#include "loadgen/model/wire_script.hpp"

namespace squall::model {

// Copies of one attempt at most, the first included.
inline constexpr unsigned kMaxCopies = 20;

// Each adds a part to a script. Those that can fail do so with kInvalidArgument and a sentence that
// names both parts, and leave the script as it was. Any thread; no allocation on success.

// Holds at one point add up. REQUIRES: `delay` not negative, `at` a point where a script can hold
// (not kBody, not kDuringResponse).
void add_hold(WireScript& script, WirePoint at, Duration delay);

// One cut for each attempt, on copy `copy` (from 0). Copies that leave together must all reach
// their barrier before the last byte, and a copy on the same connection needs one that nobody has
// cut.
Result<void> add_cut(WireScript& script, const WireCut& cut, unsigned copy);

// One set of copies for each attempt. kSame goes with kAfterResponse only: HTTP/1.1 answers in
// order; and with one replica only. REQUIRES: 2 to kMaxCopies copies.
Result<void> add_copies(WireScript& script, const WireCopies& copies);

// One trickle for each attempt, all its copies. Not with a cut before the first byte.
// REQUIRES: bytes > 0.
Result<void> add_trickle(WireScript& script, const WireTrickle& trickle);

// One pace of reading for each attempt, all its copies. Not with a cut, behind which nothing is
// read, nor with copies on the same connection, because it takes a new one. REQUIRES: a rate above
// zero.
Result<void> add_slow_read(WireScript& script, const WireSlowRead& slow_read);

// One malformation for each attempt. Not with a cut of the same copy before its bytes have left,
// nor with copies on the same connection, which nobody can use after it.
Result<void> add_malformed(WireScript& script, const WireMalformed& malformed);

// One for each attempt. REQUIRES: passed_by > 0, wait > 0.
Result<void> add_reorder(WireScript& script, const WireReorder& reorder);

// Moves of the clock stay so small that every wall instant of a run can be represented (292 years
// around 1970).
inline constexpr Duration kLargestWallOffset = std::chrono::hours(24) * 365 * 100;

// Clocks moved by several faults add up, to at most kLargestWallOffset either way.
void add_wall_offset(WireScript& script, Duration offset);
// The clock stands still at `at` after t = 0, moved by what other faults add.
void freeze_wall_clock(WireScript& script, Duration at);

}  // namespace squall::model
