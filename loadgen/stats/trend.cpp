#include "loadgen/stats/trend.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <vector>

#include "loadgen/base/check.hpp"
#include "loadgen/stats/bootstrap.hpp"

namespace squall::stats {
namespace {

// The least squares solution of y = sum c_j * f_j(x), by the normal equations of up to three
// unknowns; nothing when they do not determine it.
template <std::size_t N>
std::optional<std::array<double, N>> least_squares(const std::vector<std::array<double, N>>& rows,
                                                   std::span<const Point> points) {
  std::array<std::array<double, N + 1>, N> a{};
  for (std::size_t k = 0; k < points.size(); ++k) {
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t j = 0; j < N; ++j) {
        a[i][j] += rows[k][i] * rows[k][j];
      }
      a[i][N] += rows[k][i] * points[k].y;
    }
  }
  for (std::size_t i = 0; i < N; ++i) {
    std::size_t pivot = i;
    for (std::size_t r = i + 1; r < N; ++r) {
      pivot = std::abs(a[r][i]) > std::abs(a[pivot][i]) ? r : pivot;
    }
    std::swap(a[i], a[pivot]);
    if (std::abs(a[i][i]) < 1e-12) {
      return std::nullopt;
    }
    for (std::size_t r = 0; r < N; ++r) {
      const double factor = r == i ? 0 : a[r][i] / a[i][i];
      for (std::size_t c = i; c <= N; ++c) {
        a[r][c] -= factor * a[i][c];
      }
    }
  }
  std::array<double, N> solution{};
  for (std::size_t i = 0; i < N; ++i) {
    solution[i] = a[i][N] / a[i][i];
  }
  return solution;
}

template <std::size_t N>
double residual_of(const std::vector<std::array<double, N>>& rows, std::span<const Point> points,
                   const std::array<double, N>& solution) {
  double sum = 0;
  for (std::size_t k = 0; k < points.size(); ++k) {
    double fitted = 0;
    for (std::size_t i = 0; i < N; ++i) {
      fitted += rows[k][i] * solution[i];
    }
    sum += (points[k].y - fitted) * (points[k].y - fitted);
  }
  return sum;
}

double line_residual(std::span<const Point> points) {
  std::vector<std::array<double, 2>> rows;
  for (const Point& point : points) {
    rows.push_back({1, point.x});
  }
  const auto line = least_squares<2>(rows, points);
  return line ? residual_of<2>(rows, points, *line) : 0;
}

}  // namespace

std::optional<double> theil_sen_slope(std::span<const Point> points) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      if (points[i].x != points[j].x) {
        slopes.push_back((points[j].y - points[i].y) / (points[j].x - points[i].x));
      }
    }
  }
  return slopes.empty() ? std::nullopt : std::optional(median_of(slopes));
}

MannKendall mann_kendall(std::span<const double> values) {
  SQUALL_CHECK(values.size() >= 2);
  MannKendall result;
  std::map<double, double> ties;
  for (std::size_t i = 0; i < values.size(); ++i) {
    ties[values[i]] += 1;
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      result.s += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0;
    }
  }
  const auto n = static_cast<double>(values.size());
  double variance = n * (n - 1) * (2 * n + 5);
  for (const auto& [value, count] : ties) {
    variance -= count * (count - 1) * (2 * count + 5);
  }
  variance /= 18;
  if (variance <= 0 || result.s == 0) {
    return result;
  }
  result.z = (result.s > 0 ? result.s - 1 : result.s + 1) / std::sqrt(variance);
  result.p_value = std::erfc(std::abs(result.z) / std::numbers::sqrt2);
  return result;
}

std::optional<SegmentedFit> segmented_fit(std::span<const Point> points) {
  constexpr std::size_t kLeastPoints = 5;
  if (points.size() < kLeastPoints) {
    return std::nullopt;
  }
  std::optional<SegmentedFit> best;
  for (std::size_t knee = 1; knee + 2 < points.size(); ++knee) {
    std::vector<std::array<double, 3>> rows;
    for (const Point& point : points) {
      rows.push_back({1, point.x, std::max(0.0, point.x - points[knee].x)});
    }
    const auto fit = least_squares<3>(rows, points);
    if (!fit) {
      continue;
    }
    const double residual = residual_of<3>(rows, points, *fit);
    if (!best || residual < best->residual) {
      best = SegmentedFit{points[knee].x, (*fit)[1], (*fit)[1] + (*fit)[2], (*fit)[0], residual, 0};
    }
  }
  if (best) {
    best->line_residual = line_residual(points);
  }
  return best;
}

}  // namespace squall::stats
