// JSON files as rows of a feeder.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/feeder.hpp"

namespace squall::plan {

// A JSON array of objects, and lines with an object each (NDJSON; empty lines are skipped). Columns
// are the names that any of the objects has, in the order of their first appearance; what an object
// lacks, and null, is empty. Text is taken as it is, numbers and booleans as JSON writes them,
// objects and arrays as compact JSON. Fail with kMalformed at the line and column of `file` on
// anything else, and on objects inside each other deeper than 64; with kExhausted on more than
// `max_rows`. Pure; any thread.
[[nodiscard]] Result<expr::FeederRows> parse_json_rows(std::string_view text,
                                                       const std::string& file,
                                                       std::size_t max_rows);
[[nodiscard]] Result<expr::FeederRows> parse_ndjson_rows(std::string_view text,
                                                         const std::string& file,
                                                         std::size_t max_rows);

}  // namespace squall::plan
