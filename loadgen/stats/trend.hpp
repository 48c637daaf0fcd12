// Trends and bends in a series, without assumptions about how its values scatter.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace squall::stats {

struct Point {
  double x = 0;
  double y = 0;
};

// The median of the slopes between all pairs of points with different x (Theil 1950, Sen 1968);
// nothing with fewer than two such points. Takes time and memory of the square of the points.
[[nodiscard]] std::optional<double> theil_sen_slope(std::span<const Point> points);

// Mann and Kendall's test for a trend of values in their order (1945, 1975), with the correction
// for ties. `s` counts rising less falling pairs; `p_value` is two-sided by the normal
// approximation, which holds from about ten values on. REQUIRES: at least two values.
struct MannKendall {
  double s = 0;
  double z = 0;
  double p_value = 1;
};
[[nodiscard]] MannKendall mann_kendall(std::span<const double> values);

// Two straight lines that meet: y = intercept + slope_before * x up to `knee`, slope_after behind
// it, by least squares over all knees among the points (two at least on each side). REQUIRES:
// points in the order of rising x. Nothing with fewer than five points.
struct SegmentedFit {
  double knee = 0;
  double slope_before = 0;
  double slope_after = 0;
  double intercept = 0;
  double residual = 0;       // sum of squares
  double line_residual = 0;  // of one straight line through all points, to compare with
};
[[nodiscard]] std::optional<SegmentedFit> segmented_fit(std::span<const Point> points);

}  // namespace squall::stats
