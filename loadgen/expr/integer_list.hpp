// Lists of integers in plans: [2, 5, 20], or one alone.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::expr {

// The integers of a key that the reader's description has as ValueType::kJson, in the order in
// which they are written; empty when it is absent. What is no integer, outside [min, max], or there
// twice is reported at its place and left out. `example`: a right value, "[409, 422]".
[[nodiscard]] std::vector<std::int64_t> read_integers(const Value& table, std::string_view key,
                                                      TableReader& reader, std::int64_t min,
                                                      std::int64_t max, std::string_view example);

}  // namespace squall::expr
