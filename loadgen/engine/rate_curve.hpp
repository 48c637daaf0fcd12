// A rate of arrivals over time whose integral has an exact inverse: the k-th arrival of a process
// is due when the integral reaches k.
//
//   rate                  ______ peak
//    |        /‾‾‾‾\     |      |          integral(t) = expected arrivals before t
//    |       /      \____|      |______    at_count(k) = when the integral reaches k
//    |______/
//    +--linear-linear-hold-step--hold--> t
#pragma once

#include <optional>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/base/units.hpp"

namespace squall::engine {

// Pieces one after the other from 0 on; the last one has no end. A value; built once, then any
// thread. Counts are doubles: below 2^53 arrivals the error stays far below a nanosecond at any
// rate that a host can send.
class RateCurve {
 public:
  // From `from` to `to` along a straight line. A length of zero adds no arrivals.
  void add_linear(Duration length, Rate from, Rate to);
  // `rate` for ever. REQUIRES, as add_sine does: nothing is added afterwards.
  void hold(Rate rate);
  // mean + amplitude * sin(2 pi t / period), for ever. REQUIRES: amplitude <= mean, mean > 0,
  // period > 0.
  void hold_sine(Rate mean, Rate amplitude, Duration period);

  // The same curve after `lead` at its first rate.
  [[nodiscard]] RateCurve with_lead(Duration lead) const;

  [[nodiscard]] Rate rate_at(Duration at) const;
  // Expected arrivals in [0, at).
  [[nodiscard]] double integral(Duration at) const;
  // The instant at which the integral reaches `count`, to the nanosecond; when the rate is zero
  // there, the end of that pause, so that nothing is due while the rate is zero. Nothing when the
  // integral never gets there. Never decreasing in `count` apart from one nanosecond of rounding.
  // REQUIRES: count >= 0, the curve is complete.
  [[nodiscard]] std::optional<Duration> at_count(double count) const;
  // The highest rate before `length`.
  [[nodiscard]] Rate peak(Duration length) const;

 private:
  struct Piece {
    Duration start{};
    Duration length = Duration::max();  // max: has no end
    double before = 0;                  // arrivals before the piece
    double from = 0;                    // per nanosecond, as all rates below; of a sine: the mean
    double to = 0;
    double amplitude = 0;  // zero: linear
    double period = 0;     // nanoseconds

    [[nodiscard]] bool endless() const { return length == Duration::max(); }
    [[nodiscard]] bool empty() const { return from == 0 && to == 0; }
    [[nodiscard]] double rate(double at) const;
    [[nodiscard]] double count(double at) const;
    [[nodiscard]] double inverse(double count) const;
    [[nodiscard]] double linear_inverse(double count) const;
    [[nodiscard]] double sine_inverse(double count) const;
    [[nodiscard]] double peak(double until) const;
  };

  void append(Piece piece);
  [[nodiscard]] const Piece& piece_at(Duration at) const;

  std::vector<Piece> pieces_;
  std::optional<double> first_;  // the rate it begins with, also of a piece without length
};

}  // namespace squall::engine
