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
// ends the way up: beyond it squall would measure itself. A stage with too few samples to decide
// says nothing about the rate; more arrivals decide, so the way leads up from it and never below.
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
  unsigned confirmations = 3;  // that may fail before the search ends unconfirmed
};

struct NextStage {
  Rate rate{};
  bool confirmation = false;
};

// One thread. REQUIRES: lowest <= start <= highest, lowest above zero, resolution above zero.
class CapacitySearch {
 public:
  explicit CapacitySearch(const CapacityOptions& options);

  // What to try; nothing when the search is over. The same until add() is called.
  [[nodiscard]] std::optional<NextStage> next() const { return next_; }
  // How the stage of next() ended.
  void add(model::StageVerdict verdict);
  // The same for a stage that had too few samples to decide.
  void add_undecided();

  // What is known so far; `conditions` and `stages` are the caller's.
  [[nodiscard]] model::Capacity result() const;

 private:
  void passed(const NextStage& stage);
  void failed(const NextStage& stage, model::CapacityLimit limit);
  void choose();
  // The same before any rate has passed.
  void choose_first();

  CapacityOptions options_;
  std::optional<NextStage> next_;
  std::optional<double> passing_;    // highest rate that passed, per second
  std::optional<double> failing_;    // lowest rate above it that did not
  std::optional<double> undecided_;  // highest rate that had too few samples before one passed
  model::CapacityLimit failing_limit_ = model::CapacityLimit::kTarget;
  bool repeated_ = false;  // the current stage was invalid once already
  bool confirmed_ = false;
  unsigned failed_confirmations_ = 0;
};

}  // namespace squall::run
