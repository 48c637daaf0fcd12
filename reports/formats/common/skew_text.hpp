// A skew sweep in words: for every format that people read.
#pragma once

#include <string>
#include <vector>

#include "loadgen/model/skew.hpp"

namespace squall::reports {

// Sentences, not yet made printable: the edges, what was promised, the clock, the effort.
[[nodiscard]] std::vector<std::string> skew_lines(const model::SkewSweep& sweep);

}  // namespace squall::reports
