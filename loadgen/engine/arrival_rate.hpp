// The `rate` key that arrival processes share.
#pragma once

#include "loadgen/base/units.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"

namespace squall::engine {

// A required rate, named `rate`.
[[nodiscard]] expr::KeySpec rate_key(std::string help);

// Reads it. Zero is reported: it makes no traffic. Always returns a rate above zero.
[[nodiscard]] Rate read_rate(expr::TableReader& reader);

}  // namespace squall::engine
