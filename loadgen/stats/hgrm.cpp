// The percentile table, byte for byte as HdrHistogram's outputPercentileDistribution prints it.
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/stats/histogram_log.hpp"

namespace squall::stats {
namespace {

// Java's %.nf: the shortest decimal text of the number, rounded half up. printf rounds the exact
// binary value instead, and differs in the last digit now and then. REQUIRES: value finite and not
// negative.
std::string java_fixed(double value, int precision) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) {
    digits += text.substr(2, e - 2);
  }
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);

  // Digits as a whole number of units of 10^-precision, with a zero in front for a carry.
  const int kept = exponent + 1 + precision;
  std::string units = "0";
  if (kept >= 0) {
    const auto size = static_cast<std::size_t>(kept);
    const bool up = digits.size() > size && digits[size] >= '5';
    digits.resize(size, '0');
    units += digits;
    for (std::size_t i = units.size(); up && i > 0; --i) {
      if (units[i - 1] != '9') {
        ++units[i - 1];
        break;
      }
      units[i - 1] = '0';
    }
  }
  const std::size_t fraction = static_cast<std::size_t>(precision);
  if (units.size() <= fraction) {
    units.insert(0, fraction + 1 - units.size(), '0');
  }
  const std::size_t first = std::min(units.find_first_not_of('0'), units.size() - fraction - 1);
  units.insert(units.size() - fraction, fraction > 0 ? "." : "");
  return units.substr(first);
}

// Steps so that each halving of the distance to 100% has the same number of lines, until a step is
// too small for a double.
double next_level(double level, int ticks_per_half) {
  const double halvings = std::floor(std::log(100.0 / (100.0 - level)) / std::log(2.0));
  const double next =
      level + 100.0 / (static_cast<double>(ticks_per_half) * std::exp2(halvings + 1));
  return next > level ? next : 100.0;
}

std::string distribution_lines(const Histogram& histogram, double unit_ratio, int ticks_per_half) {
  const int digits = histogram.layout().significant_digits;
  const std::uint64_t total = histogram.count();
  std::string out;
  std::uint64_t seen = 0;
  double level = 0;
  for (std::size_t i = 0; i < histogram.counts().size() && seen < total; ++i) {
    const std::uint64_t count = histogram.counts()[i];
    if (count == 0) {
      continue;
    }
    seen += count;
    const std::string value =
        java_fixed(static_cast<double>(histogram.highest_at(i)) / unit_ratio, digits);
    const double reached = 100.0 * static_cast<double>(seen) / static_cast<double>(total);
    while (reached >= level && level < 100.0) {
      const double fraction = level / 100.0;
      out += fmt::format("{:>12} {} {:>10} {:>14}\n", value, java_fixed(fraction, 12), seen,
                         java_fixed(1.0 / (1.0 - fraction), 2));
      level = next_level(level, ticks_per_half);
      if (seen == total) {
        break;  // the last value stands once more, in the line for 100%
      }
    }
    if (seen == total) {
      out += fmt::format("{:>12} {} {:>10}\n", value, java_fixed(1.0, 12), seen);
    }
  }
  return out;
}

}  // namespace

std::string to_hgrm(const Histogram& histogram, double unit_ratio, int ticks_per_half) {
  SQUALL_CHECK(unit_ratio > 0 && ticks_per_half > 0);
  const int digits = histogram.layout().significant_digits;
  const auto fixed = [&](double value) { return java_fixed(value / unit_ratio, digits); };
  std::string out = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                "TotalCount", "1/(1-Percentile)");
  out += distribution_lines(histogram, unit_ratio, ticks_per_half);

  std::int64_t max = 0;
  for (std::size_t i = histogram.counts().size(); i > 0 && max == 0; --i) {
    max = histogram.counts()[i - 1] > 0 ? histogram.highest_at(i - 1) : 0;
  }
  const std::size_t sub_buckets = histogram.layout().exact_buckets();
  const std::size_t buckets = histogram.bucket_count() / (sub_buckets / 2) - 1;
  out += fmt::format("#[Mean    = {:>12}, StdDeviation   = {:>12}]\n", fixed(histogram.mean()),
                     fixed(histogram.stddev()));
  out += fmt::format("#[Max     = {:>12}, Total count    = {:>12}]\n",
                     fixed(static_cast<double>(max)), histogram.count());
  out += fmt::format("#[Buckets = {:>12}, SubBuckets     = {:>12}]\n", buckets, sub_buckets);
  return out;
}

}  // namespace squall::stats
