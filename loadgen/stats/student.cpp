#include "loadgen/stats/student.hpp"

#include "loadgen/base/check.hpp"
#include "loadgen/stats/beta.hpp"

namespace squall::stats {

double student_two_sided(double t, double freedom) {
  SQUALL_CHECK(freedom > 0);
  return beta_cdf(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double student_critical(double confidence, double freedom) {
  SQUALL_CHECK(confidence >= 0 && confidence < 1 && freedom > 0);
  constexpr int kHalvings = 200;  // more than a double has bits, for the long tail of one degree
  const double tail = 1 - confidence;
  double low = 0;
  double high = 1;
  while (student_two_sided(high, freedom) > tail && high < 1e300) {
    low = high;
    high *= 2;
  }
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) {
      break;
    }
    (student_two_sided(middle, freedom) > tail ? low : high) = middle;
  }
  return confidence == 0 ? 0 : high;
}

}  // namespace squall::stats
