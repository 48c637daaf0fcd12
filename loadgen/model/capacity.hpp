// What `squall find` learns: how much load a service carries while it keeps a promise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/base/units.hpp"

namespace squall::model {

enum class StageVerdict : std::uint8_t {
  kPass,          // every condition held
  kFail,          // one did not
  kInvalid,       // the generator did not offer what was asked
  kInconclusive,  // too few samples to decide
};
[[nodiscard]] std::string_view to_string(StageVerdict value);  // "pass", "fail", …

// One rate that was tried: a point of the capacity curve. Spans are response times of the measured
// phase, all steps together.
struct CapacityStage {
  Rate rate{};                 // asked for, all scenarios together
  double started_per_s = 0;    // arrivals that were really started
  double completed_per_s = 0;  // operations acknowledged: the throughput
  double error_rate = 0;       // share of operations that were not
  Duration p50{};
  Duration p99{};
  StageVerdict verdict = StageVerdict::kPass;
  bool confirmation = false;  // the longer stage at the end
  std::string reason;         // why it is not a pass
};

enum class CapacityLimit : std::uint8_t {
  kTarget,     // the next rate up broke a condition
  kGenerator,  // squall could not offer more: the service may carry it
  kMaximum,    // everything up to the highest rate asked for passed
  kNothing,    // no rate passed, or the search was stopped before one did
  kUndecided,  // too few samples, however long a stage: at the next rate up, or at every rate
};
[[nodiscard]] std::string_view to_string(CapacityLimit value);

struct Capacity {
  Rate rate{};   // the highest rate that passed; zero: none did
  Rate upper{};  // the lowest rate above it that did not; zero: none was found
  CapacityLimit limit = CapacityLimit::kNothing;
  bool confirmed = false;  // the longer stage at `rate` passed too
  std::vector<std::string> conditions;
  std::vector<CapacityStage> stages;  // in the order in which they ran
};

}  // namespace squall::model
