// Names that refer to other parts of a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// Index of the target that the key `target` names, `otherwise` when it is absent or wrong (which is
// reported).
[[nodiscard]] std::uint16_t read_target_name(expr::TableReader& reader, Build& build,
                                             std::uint16_t otherwise);

// Position of the caller with that name; nothing, and reported, when there is none.
[[nodiscard]] std::optional<std::uint16_t> find_caller(const expr::LocatedText& name, Build& build);
// The callers that the key `callers` names, all of the plan when it is absent.
[[nodiscard]] std::vector<std::uint16_t> read_caller_names(expr::TableReader& reader, Build& build);

// Indices of the steps that `name` stands for: "buy.charge", or "buy" for all steps of that
// scenario. Empty: nothing has that name.
[[nodiscard]] std::vector<std::uint16_t> steps_named(const model::Plan& plan,
                                                     std::string_view name);

// Every name that steps_named() knows.
[[nodiscard]] std::vector<std::string_view> step_names(const model::Plan& plan);

}  // namespace squall::plan
