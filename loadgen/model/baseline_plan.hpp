// What a plan's [baseline] says: where the record of the accepted run is, and what may differ.
#pragma once

#include <string>

#include "loadgen/model/comparison.hpp"

namespace squall::model {

// Immutable once the plan is loaded.
struct BaselinePlan {
  std::string directory;  // beside the plan's file unless absolute; empty: only --baseline says it
  ComparisonSettings settings;
};

}  // namespace squall::model
