// What the full-screen view shows, from what is known of the run and the size of the screen alone.
//
//   squall: checkout, seed 7, run id r-1
//   measuring 12s of 30s  ██████████████░░░░░░░░░░░░░░░░░░░░░  18s left
//
//   started     199/s of 200/s due          ▇▇█▇▇█▇▇
//   acked       187/s                       ▇▇█▇▆▃▇▇
//   p50         4.1ms                       ▂▂▂▂▃▃▂▂
//   p99         31ms                        ▁▁▁▁▂█▂▁
//   flight      in flight 7, waiting 0, 64 connections
//   errors      timeout 12, cut 10
//   on          lost-ack 34 of 34 fired
//   off         slow-psp
//
//   response per second, darker: more operations
//        18ms           ░░░
//       4.5ms   ▓▓▓▓▓▓▓▓▓▓▓
//
//     12.4s  invalid: lag p99 was 14.0ms, the limit is 10.0ms
#pragma once

#include <vector>

#include "reports/live/run_so_far.hpp"
#include "reports/live/screen.hpp"

namespace squall::reports {

// Smaller screens get one line instead of the whole.
inline constexpr ScreenSize kSmallestScreen{.columns = 60, .rows = 14};
[[nodiscard]] constexpr bool fits_dashboard(ScreenSize size) {
  return size.columns >= kSmallestScreen.columns && size.rows >= kSmallestScreen.rows;
}

// At most size.rows lines.
[[nodiscard]] std::vector<ScreenLine> dashboard_frame(const RunSoFar& run, ScreenSize size);

}  // namespace squall::reports
