// Quantities as people write them in plans and on the command line: "250ms", "200/s", "5%",
// "64KiB".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall {

// Arrivals, bytes or calls per second; never negative.
struct Rate {
  double per_second = 0;
  auto operator<=>(const Rate&) const = default;
};

// A share of a whole, 0 to 1.
struct Share {
  double fraction = 0;
  auto operator<=>(const Share&) const = default;
};

struct ByteCount {
  std::uint64_t bytes = 0;
  auto operator<=>(const ByteCount&) const = default;
};

namespace literals {
constexpr Rate operator""_per_s(unsigned long long value) {
  return {static_cast<double>(value)};
}
constexpr Share operator""_percent(unsigned long long value) {
  return {static_cast<double>(value) / 100.0};
}
constexpr ByteCount operator""_KiB(unsigned long long value) {
  return {value * 1024};
}
constexpr ByteCount operator""_MiB(unsigned long long value) {
  return {value * 1024 * 1024};
}
}  // namespace literals

// Each parser takes the whole text (no blanks around it) or fails with kInvalidArgument and a
// message that quotes the text and shows a right one. Numbers are decimal with an optional
// fraction.

// "2s", "1.5s", "250ms", "80us" (or "80µs"), "40ns", "5m", "1h", and sums: "1m30s". A leading '-'
// is accepted only when `negative_allowed`. "0" needs no unit.
enum class Sign { kNonNegative, kAny };
[[nodiscard]] Result<Duration> parse_duration(std::string_view text,
                                              Sign sign = Sign::kNonNegative);
// "200/s", "3000/m", "10/h"; k and M multiply: "20k/s".
[[nodiscard]] Result<Rate> parse_rate(std::string_view text);
// "5%", "0.05" ; 0 to 1 (0% to 100%).
[[nodiscard]] Result<Share> parse_share(std::string_view text);
// "512", "512B", "64KiB", "10MB" (KB, MB, GB are powers of 1000; KiB, MiB, GiB of 1024).
[[nodiscard]] Result<ByteCount> parse_bytes(std::string_view text);

// Shortest text with about three significant digits and the largest fitting unit: "1.24ms",
// "37.0us", "2s".
[[nodiscard]] std::string format_duration(Duration duration);
// "200/s", "12.5/s"; slow ones per minute or hour: "3/m", "10/h".
[[nodiscard]] std::string format_rate(Rate rate);
// "5%", "0.25%".
[[nodiscard]] std::string format_share(Share share);
// "1.50MiB".
[[nodiscard]] std::string format_bytes(ByteCount bytes);

}  // namespace squall
