// Keys that arrival processes share.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/units.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"

namespace squall::engine {

// A required rate, named `rate` unless another name is given.
[[nodiscard]] expr::KeySpec rate_key(std::string help, std::string name = "rate");

// Reads it. Zero is reported: it makes no traffic. Always returns a rate above zero.
[[nodiscard]] Rate read_rate(expr::TableReader& reader, std::string_view key = "rate");

// Reads a duration. Zero is reported. Always returns one above zero.
[[nodiscard]] Duration read_span(expr::TableReader& reader, std::string_view key);

}  // namespace squall::engine
