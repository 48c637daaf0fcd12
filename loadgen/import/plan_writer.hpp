// A draft as the text of a plan.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/import/draft.hpp"

namespace squall::import {

// TOML with comments. Text of comments that came from outside is made printable and broken into
// lines of at most 100 columns. REQUIRES: every PlanText of the draft can be written (why_not() is
// empty).
[[nodiscard]] std::string write_plan(const PlanDraft& draft);

// The rest of a plan that people fill in: faults, effects and further checks, as comments that
// speak of `step` ("buy.charge").
[[nodiscard]] std::string commented_chaos(std::string_view step);

// One value as it stands behind "key = ", with the quotes that need the fewest escapes.
[[nodiscard]] std::string toml_text(std::string_view text);

}  // namespace squall::import
