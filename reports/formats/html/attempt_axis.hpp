// The attempts of one operation on a small axis of time, as an SVG that needs no script.
#pragma once

#include <string>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// A row for each attempt or copy: waiting in grey from its intended start to its first byte, then
// its service in the colour of how it ended. Widths are shares, so that it fits every screen; the
// labels stand beneath the rows.
[[nodiscard]] std::string attempt_axis(const model::EffectCase& wrong);

}  // namespace squall::reports
