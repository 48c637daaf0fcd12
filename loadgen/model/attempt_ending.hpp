// How attempts ended, finer than their class: by the status of their answers, with a few that
// failed as examples. This is where a failure is looked into when nothing but its count is known.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/outcome.hpp"

namespace squall::model {

// Examples that are kept of one kind of ending in a run.
inline constexpr std::size_t kMaxEndingExamples = 3;

struct EndingKey {
  std::uint16_t step = 0;  // index into Plan::steps
  AttemptClass how = AttemptClass::kSuccess;
  std::uint16_t status = 0;  // of the answer; 0: there was none
  auto operator<=>(const EndingKey&) const = default;
};

struct EndingExample {
  Duration at{};              // its end, after t = 0
  std::uint64_t arrival = 0;  // of its scenario
  std::string detail;         // what was seen, fit to be shown (model::safe_to_show)
};

// Attempts and copies of one second, warm-up included. A success has no examples.
struct Ending {
  std::uint64_t attempts = 0;
  std::vector<EndingExample> examples;
};

using Endings = std::map<EndingKey, Ending>;

// The same in a run record.
struct RecordedEnding {
  std::string step;
  AttemptClass how = AttemptClass::kSuccess;
  int status = 0;
  std::uint64_t attempts = 0;
  std::vector<EndingExample> examples;  // the first ones, at most kMaxEndingExamples
};

}  // namespace squall::model
