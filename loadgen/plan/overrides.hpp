// --set PATH=VALUE: changes to a plan's document before it is read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::plan {

inline constexpr std::string_view kSetOption = "--set";

// Applies them in order; a later one sees what an earlier one did. Parts of a path are separated by
// dots:
//
//   vars.rate    load.duration    scenario.buy.arrivals.rate    scenario.buy.step.charge.timeout
//   checks.require.0
//
// An entry of a list of tables goes by its `name`, one without a name and an element of a plain
// list by its position from 0. A key that is not there yet is added (reading the plan will tell
// whether it may be there); a list or an entry that is not there is a problem, reported with the
// nearest path that exists. Positions read --set:N:C, the Nth override and the byte of it.
void apply_overrides(expr::Value& document,
                     const std::vector<std::pair<std::string, std::string>>& overrides,
                     Diagnostics& diagnostics);

// The text as a TOML value, or as a string when it is none: 5, true, ["a", "b"], { x = 1 },
// "500/s", 500/s. All positions in it are `where`, moved by the columns inside the text.
[[nodiscard]] expr::Value parse_override_value(std::string_view text, const SourceRef& where);

}  // namespace squall::plan
