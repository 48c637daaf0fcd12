#include "loadgen/engine/rate_curve.hpp"

#include <algorithm>
#include <cmath>

#include "loadgen/base/check.hpp"

namespace squall::engine {
namespace {

constexpr double kTwoPi = 6.283185307179586476925;
constexpr double kNanosecond = 1e-9;
// Pieces end here at the latest, so that sums of hostile lengths stay inside 64 bits.
constexpr Duration kFar = Duration::max() / 4;

double per_nanosecond(Rate rate) {
  return rate.per_second * kNanosecond;
}

double count_of(Duration duration) {
  return static_cast<double>(duration.count());
}

}  // namespace

double RateCurve::Piece::rate(double at) const {
  if (amplitude > 0) {
    return from + amplitude * std::sin(kTwoPi * at / period);
  }
  return endless() || from == to ? from : from + (to - from) * (at / count_of(length));
}

double RateCurve::Piece::count(double at) const {
  if (amplitude > 0) {
    // 1 - cos x as 2 sin^2(x / 2), which keeps its digits near zero.
    const double half = std::sin(kTwoPi / 2 * at / period);
    return from * at + amplitude * period / kTwoPi * 2 * half * half;
  }
  return from == to || endless() ? from * at
                                 : at * (from + (to - from) * (at / count_of(length)) / 2);
}

double RateCurve::Piece::linear_inverse(double count) const {
  if (from == to) {
    return count * (1 / from);
  }
  // The root of slope/2 t^2 + from t = count in the form that does not subtract nearly equal
  // numbers. Rounding may take what lies under the root below zero at the end of a fall to zero.
  const double slope = (to - from) / count_of(length);
  return 2 * count / (from + std::sqrt(std::max(0.0, from * from + 2 * slope * count)));
}

// Newton's method inside a bracket: where the rate is nearly zero its steps leave the bracket, and
// halving takes over.
double RateCurve::Piece::sine_inverse(double count) const {
  constexpr int kMaxSteps = 200;
  constexpr double kEnough = 0.05;  // nanoseconds
  const double per_period = from * period;
  const double periods = std::floor(count / per_period);
  const double rest = std::clamp(count - periods * per_period, 0.0, per_period);
  double low = 0;
  double high = period;
  double at = std::min(rest / from, period);
  for (int step = 0; step < kMaxSteps && high - low > kEnough; ++step) {
    const double excess = this->count(at) - rest;
    (excess > 0 ? high : low) = at;
    double next = at - excess / rate(at);
    if (!(next > low && next < high)) {
      next = low + (high - low) / 2;
    }
    const bool near = std::abs(next - at) < kEnough;
    at = next;
    if (near) {
      break;
    }
  }
  return periods * period + at;
}

double RateCurve::Piece::inverse(double count) const {
  if (count <= 0) {
    return 0;
  }
  return amplitude > 0 ? sine_inverse(count) : linear_inverse(count);
}

double RateCurve::Piece::peak(double until) const {
  if (amplitude > 0) {
    return until >= period / 4 ? from + amplitude : rate(until);
  }
  return std::max(from, rate(until));
}

void RateCurve::append(Piece piece) {
  first_ = first_.value_or(piece.from);
  if (!pieces_.empty()) {
    const Piece& last = pieces_.back();
    SQUALL_CHECK(!last.endless());
    piece.start = last.start + last.length;
    piece.before = last.before + last.count(count_of(last.length));
  }
  if (!piece.endless()) {
    piece.length = std::min(piece.length, kFar - piece.start);
    if (piece.length <= Duration::zero()) {
      return;
    }
  }
  pieces_.push_back(piece);
}

void RateCurve::add_linear(Duration length, Rate from, Rate to) {
  append({.length = length, .from = per_nanosecond(from), .to = per_nanosecond(to)});
}

void RateCurve::hold(Rate rate) {
  append({.from = per_nanosecond(rate), .to = per_nanosecond(rate)});
}

void RateCurve::hold_sine(Rate mean, Rate amplitude, Duration period) {
  SQUALL_CHECK(mean.per_second > 0 && amplitude <= mean && period > Duration::zero());
  append({.from = per_nanosecond(mean),
          .to = per_nanosecond(mean),
          .amplitude = per_nanosecond(amplitude),
          .period = count_of(period)});
}

RateCurve RateCurve::with_lead(Duration lead) const {
  SQUALL_CHECK(first_.has_value());
  RateCurve led;
  led.append({.length = lead, .from = *first_, .to = *first_});
  for (const Piece& piece : pieces_) {
    led.append(piece);
  }
  return led;
}

const RateCurve::Piece& RateCurve::piece_at(Duration at) const {
  SQUALL_CHECK(!pieces_.empty() && pieces_.back().endless());
  const auto after =
      std::upper_bound(pieces_.begin(), pieces_.end(), at,
                       [](Duration value, const Piece& piece) { return value < piece.start; });
  return after == pieces_.begin() ? pieces_.front() : *std::prev(after);
}

Rate RateCurve::rate_at(Duration at) const {
  const Piece& piece = piece_at(at);
  return {piece.rate(count_of(at - piece.start)) / kNanosecond};
}

double RateCurve::integral(Duration at) const {
  const Piece& piece = piece_at(at);
  return piece.before + piece.count(count_of(at - piece.start));
}

std::optional<Duration> RateCurve::at_count(double count) const {
  SQUALL_CHECK(!pieces_.empty() && pieces_.back().endless());
  // What is due at the end of a piece but for rounding is due in the next one: where a rate falls
  // to zero the last digit of a count is microseconds.
  const double rounding = 1e-12 * std::max(1.0, count);
  auto piece =
      std::prev(std::upper_bound(pieces_.begin(), pieces_.end(), count + rounding,
                                 [](double value, const Piece& p) { return value < p.before; }));
  double inside = piece->empty() ? 0 : piece->inverse(count - piece->before);
  // A piece ends before its end: what is due there is due in the next one, and not while the rate
  // is zero.
  while (!piece->endless() && (piece->empty() || std::llround(inside) >= piece->length.count())) {
    ++piece;
    inside = 0;
  }
  constexpr double kFarthest = 9.2e18;  // of 64-bit nanoseconds
  if (piece->empty() || inside + count_of(piece->start) > kFarthest) {
    return std::nullopt;
  }
  return piece->start + Duration(std::llround(inside));
}

Rate RateCurve::peak(Duration length) const {
  double highest = 0;
  for (const Piece& piece : pieces_) {
    if (piece.start < length || piece.start == Duration::zero()) {
      highest =
          std::max(highest, piece.peak(count_of(std::min(piece.length, length - piece.start))));
    }
  }
  return {highest / kNanosecond};
}

}  // namespace squall::engine
