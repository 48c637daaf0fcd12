// Which rate to try next: the search for a service's capacity, without clock and without I/O.
//
//   rate
//    │            x                    doubling until a stage fails (or halving until one passes),
//    │      o         x   o            bisecting the gap by its geometric mean until it is narrow
//    │   o          o   o     O        enough, then a longer stage that confirms what was found
//    └─o──────────────────────────► stages
//
// A confirmation that fails makes its rate the new upper end, and the longer stage walks down from
// there in small steps. A stage in which the generator fell short is tried once more; a second time
// ends the way up: beyond it squall would measure itself.
//
// A stage with too few samples says nothing against its rate, and a lower rate has fewer still. So
// the search goes on upwards while nothing failed; then it tries again for twice as long, up to
// kLongest times. What stays undecided ends the search, or is the upper end when a lower rate held.
#pragma once

#include <cstdint>
#include <optional>

#include "loadgen/base/units.hpp"
#include "loadgen/model/capacity.hpp"

namespace squall::run {

struct CapacityOptions {
  Rate start{100};
  Rate lowest{1};              // below it nothing is tried
  Rate highest{1e6};           // above it nothing is tried
  double resolution = 0.05;    // of the gap between pass and fail, relative: where bisecting ends
  double confirm_length = 3;   // of the stage that confirms, in lengths of an ordinary one
  unsigned confirmations = 3;  // that may fail before the search ends unconfirmed
};

struct NextStage {
  Rate rate{};
  bool confirmation = false;
  double length = 1;  // measured time, in lengths of an ordinary stage
};

// One thread. REQUIRES: lowest <= start <= highest; lowest, resolution and
// confirm_length above zero.
class CapacitySearch {
 public:
  static constexpr double kLongest = 16;          // of an ordinary stage, while nothing passed
  static constexpr double kLongestAbovePass = 4;  // unless the pass itself took longer
  explicit CapacitySearch(const CapacityOptions& options);

  // What to try; nothing when the search is over. The same until add() is called.
  [[nodiscard]] std::optional<NextStage> next() const { return next_; }
  // How the stage of next() ended.
  void add(model::StageVerdict verdict);

  // What is known so far; `conditions` and `stages` are the caller's.
  [[nodiscard]] model::Capacity result() const;

 private:
  void passed(const NextStage& stage);
  void failed(const NextStage& stage, model::CapacityLimit limit);
  void undecided(const NextStage& stage);
  void choose();
  [[nodiscard]] NextStage stage_at(double per_second, bool confirmation) const;

  CapacityOptions options_;
  std::optional<NextStage> next_;
  std::optional<double> passing_;  // highest rate that passed, per second
  std::optional<double> failing_;  // lowest rate above it that did not
  model::CapacityLimit failing_limit_ = model::CapacityLimit::kTarget;
  bool repeated_ = false;  // the current stage was invalid once already
  bool confirmed_ = false;
  bool gave_up_ = false;  // the stage that would decide had too few samples
  double too_few_ = 0;    // arrivals, as rate times length, that did not suffice to decide
  double enough_ = 0;     // that the rate which passed needed, when one length was too few
  double passing_length_ = 1;
  unsigned failed_confirmations_ = 0;
};

}  // namespace squall::run
