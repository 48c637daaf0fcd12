// Student's t: how far a mean may lie from the truth when its spread is known from few values only
// ("The probable error of a mean", 1908).
#pragma once

namespace squall::stats {

// P(|T| > |t|) with that many degrees of freedom. REQUIRES: freedom above 0.
[[nodiscard]] double student_two_sided(double t, double freedom);
// The t that |T| stays below with probability `confidence`; 0 for 0. REQUIRES: 0 <= confidence < 1,
// freedom above 0.
[[nodiscard]] double student_critical(double confidence, double freedom);

}  // namespace squall::stats
