// .hlog (interval histogram log, version 1.3 header, V2 histograms) and .hgrm (percentile
// distribution) texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::stats {

struct LogInterval {
  std::string tag;     // no comma, blank or line break (written as '_'); empty: untagged
  double start_s = 0;  // seconds after the log's start; negative before it
  double length_s = 0;
  double max_unit =
      0;  // the interval's maximum in the log's max unit (milliseconds for microsecond histograms)
  Histogram histogram;
};

struct HistogramLog {
  WallTime start{};
  std::vector<LogInterval> intervals;
};

// Streams a log: a header first, then lines; the caller puts them together. Base time and start
// time are both `start`, so readers that want absolute times and readers that want offsets agree.
// `comment` may have several lines.
[[nodiscard]] std::string hlog_header(WallTime start, std::string_view comment);
[[nodiscard]] std::string hlog_line(const LogInterval& interval);
// Reads what any HdrHistogram writes: absolute or relative times, with or without tags, comments
// and headers. Without a start time the log starts with its base time, or with its first interval.
// Hostile input: kMalformed with the line number in where.line (the file name is the caller's);
// kExhausted when the counts of all histograms together need more than `most_count_bytes`: a short
// line may ask for 48 MB.
inline constexpr std::size_t kMostLogBytes = std::size_t{1} << 30;
[[nodiscard]] Result<HistogramLog> parse_hlog(std::string_view text,
                                              std::size_t most_count_bytes = kMostLogBytes);

// The percentile table that HdrHistogram's plotters read. `unit_ratio`: histogram units per printed
// unit (1000 turns microseconds into milliseconds). Values above the range are not in it. REQUIRES:
// both figures above 0.
[[nodiscard]] std::string to_hgrm(const Histogram& histogram, double unit_ratio,
                                  int ticks_per_half = 5);

}  // namespace squall::stats
