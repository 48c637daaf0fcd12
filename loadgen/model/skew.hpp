// The skew sweep: how old, and how far ahead of its time, a request may be before the target
// refuses it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/base/time.hpp"

namespace squall::model {

// The [skew] table of a plan. `window`, `leeway` and `ahead` say what the target promises.
struct SkewPlan {
  std::uint16_t step = 0;               // into Plan::steps
  Duration to{};                        // offsets of either sign are tried up to this
  Duration resolution{};                // how narrow an edge is found; offsets are multiples of it
  unsigned tries = 1;                   // at each offset
  std::optional<Duration> window = {};  // how old a request may be
  Duration leeway{};                    // tolerated beside it, either way
  std::optional<Duration> ahead = {};   // how far ahead it may be; absent: not judged
  SourceRef where;
};

enum class SkewEdgeKind : std::uint8_t {
  kNotSought,  // the sweep ended before
  kFound,
  kNone,      // everything up to the farthest offset is accepted
  kFlapping,  // the same offset is now accepted, now refused, over more than clocks' rounding
};
[[nodiscard]] std::string_view to_string(SkewEdgeKind value);

// One of the two, as distances from the true time: both are positive.
struct SkewEdge {
  SkewEdgeKind kind = SkewEdgeKind::kNotSought;
  Duration accepted{};  // the farthest offset up to which all tries were accepted
  Duration refused{};   // the nearest from which all were refused; zero: none was
};

// An offset that was tried.
struct SkewPoint {
  Duration offset{};  // of the request's times to squall's clock; negative: they are in the past
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
};

// What came out.
struct SkewSweep {
  std::string step;  // full name; empty: the plan has no [skew]
  Duration to{};
  Duration resolution{};
  bool declares_window = false;
  Duration window{};
  Duration leeway{};
  bool declares_ahead = false;
  Duration ahead{};
  SkewEdge past;    // requests that are old
  SkewEdge future;  // requests that come before their time
  // How far the target's clock is ahead of squall's, as its Date headers tell.
  bool clock_known = false;
  Duration clock_least{};
  Duration clock_most{};
  std::string clock_text;         // for people
  std::uint64_t requests = 0;     // of the step, all tries together
  std::string problem;            // why there is no result, or only part of one
  std::vector<SkewPoint> points;  // in order of offset

  [[nodiscard]] bool was_asked_for() const { return !step.empty(); }
};

// "up to 5m old (refused from 5m1s)": for people. `what`: "old" or "ahead of time".
[[nodiscard]] std::string edge_text(const SkewEdge& edge, Duration to, std::string_view what);

}  // namespace squall::model
