// .hlog (interval histogram log, version 1.3 header, V2 histograms) and .hgrm (percentile distribution) texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::stats {

struct LogInterval {
  std::string tag;         // no comma, blank or line break; empty: untagged
  double start_s = 0;      // seconds since the log's base time
  double length_s = 0;
  double max_unit = 0;     // the interval's maximum in the log's max unit (milliseconds for microsecond histograms)
  Histogram histogram;
};

struct HistogramLog {
  WallTime start{};
  std::vector<LogInterval> intervals;
};

// Streams a log: a header first, then lines. Text is appended to a string that the caller writes out.
[[nodiscard]] std::string hlog_header(WallTime start, std::string_view comment);
[[nodiscard]] std::string hlog_line(const LogInterval& interval);
// Hostile input: kMalformed with the line number in where.line (the file name is the caller's).
[[nodiscard]] Result<HistogramLog> parse_hlog(std::string_view text);

// The percentile table that HdrHistogram's plotters read. `unit_ratio`: histogram units per printed unit (1000 turns
// microseconds into milliseconds).
[[nodiscard]] std::string to_hgrm(const Histogram& histogram, double unit_ratio, int ticks_per_half = 5);

}  // namespace squall::stats
