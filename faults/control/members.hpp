// Members of a decoded JSON object.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "faults/control/api_problem.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

// The last member whose name is `name` in any case, as Go's decoder matches; nullptr when there is
// none. Valid while the table is unchanged. REQUIRES: a table.
[[nodiscard]] const expr::Value* find_member(const expr::Value& table, std::string_view name);

// Nothing when the member is absent; refuse_body() when it is something else.
[[nodiscard]] ApiResult<std::optional<std::string>> read_text(const expr::Value& table,
                                                              std::string_view name);
[[nodiscard]] ApiResult<std::optional<bool>> read_boolean(const expr::Value& table,
                                                          std::string_view name);
// "an object", "an array", "a number"…
[[nodiscard]] std::string_view json_type(const expr::Value& value);
// "<name>: expected <what>, not a number".
[[nodiscard]] std::string type_problem(std::string_view name, std::string_view expected,
                                       const expr::Value& found);

}  // namespace squall::faults
