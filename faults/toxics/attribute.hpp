// Attributes in the units of Toxiproxy's wire.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "faults/proxy/toxic.hpp"

namespace squall::faults {

// An integer that is 0 unless it is given.
inline expr::KeySpec integer_attribute(std::string name, std::string help) {
  return {.name = std::move(name),
          .type = expr::ValueType::kInteger,
          .help = std::move(help),
          .default_value = "0"};
}

inline std::int64_t read_integer(expr::TableReader& reader, std::string_view name) {
  return reader.integer(name, 0, std::numeric_limits<std::int64_t>::max());
}

// In units of `unit`. What is longer than four months is taken for that: clients say "for ever" by
// the largest number they have, and sums of instants must stay in 64 bits.
inline Duration read_time(expr::TableReader& reader, std::string_view name, Duration unit) {
  constexpr Duration kLongest = std::chrono::hours(24 * 120);
  return std::min<std::int64_t>(read_integer(reader, name), kLongest / unit) * unit;
}

}  // namespace squall::faults
