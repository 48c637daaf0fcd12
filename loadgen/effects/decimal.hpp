// Sums of money and stocks as decimal numbers, exactly: a double cannot hold 0.1.
#pragma once

#include <cstdint>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::effects {

inline constexpr std::size_t kLongestDecimal = 64;  // characters
inline constexpr int kLargestExponent = 64;         // of ten, either way

// Whether `text` is a number as JSON writes them ("-12.50", "3e2"; leading zeros are let through),
// and within those bounds.
[[nodiscard]] bool is_decimal(std::string_view text);

// How many times `change` lies between the two: (after - before) / change, at most kLargestCount.
// kMalformed, with what moved by how much, when that is no whole number from 0 on. REQUIRES: all
// three are decimals, `change` not zero.
[[nodiscard]] Result<std::uint64_t> changes_between(std::string_view before, std::string_view after,
                                                    std::string_view change);

// Whether it is a decimal other than zero.
[[nodiscard]] bool is_change(std::string_view text);

}  // namespace squall::effects
