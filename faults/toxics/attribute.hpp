// Attributes in the units of Toxiproxy's wire, and as plans write them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "faults/proxy/toxic.hpp"
#include "loadgen/base/units.hpp"

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

// From a plan to the wire: one attribute, with the place where the plan has it.
inline expr::Entry planned(expr::TableReader& reader, std::string_view key, std::string name,
                           std::variant<std::int64_t, double> number) {
  const SourceRef where = reader.where(key);
  expr::Value value{{}, where};
  std::visit([&](auto one) { value.data = one; }, number);
  return {std::move(name), where, std::move(value)};
}

// A duration, which the wire counts in whole units; `unit_name`: "milliseconds".
inline expr::Entry planned_time(expr::TableReader& reader, const std::string& key, Duration unit,
                                std::string_view unit_name) {
  const Duration time = reader.duration(key);
  if (time % unit != Duration::zero()) {
    reader.error(key, fmt::format("\"{}\" is counted in whole {} here, and {} is not", key,
                                  unit_name, format_duration(time)));
  }
  return planned(reader, key, key, time / unit);
}

inline expr::Entry planned_milliseconds(expr::TableReader& reader, const std::string& key) {
  return planned_time(reader, key, std::chrono::milliseconds(1), "milliseconds");
}

inline expr::Entry planned_bytes(expr::TableReader& reader, const std::string& key) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return planned(reader, key, key,
                 static_cast<std::int64_t>(std::min(reader.bytes(key).bytes, kMost)));
}

inline expr::Entry planned_probability(expr::TableReader& reader, const std::string& key) {
  return planned(reader, key, key, reader.share(key).fraction);
}

}  // namespace squall::faults
