// Recorded arrivals: the timestamps of a file, for the arrival process `trace`.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::engine {

enum class TraceFormat : std::uint8_t {
  kLines,   // a timestamp each; empty lines and those that begin with # are skipped
  kCsv,     // the first line names the columns (RFC 4180, without line breaks inside a field)
  kNdjson,  // an object each
  kLog,     // an access log, common or combined
};

struct TraceOptions {
  TraceFormat format = TraceFormat::kLines;
  std::string column = {};               // of kCsv; the member, or its JSON pointer, of kNdjson
  std::int64_t unit_ns = 1'000'000'000;  // of numbers without a date
};

// Longer lines and more timestamps are refused.
inline constexpr std::size_t kMaxTraceLine = 64UL * 1024;
inline constexpr std::size_t kMaxTraceArrivals = 20'000'000;

struct Trace {
  std::vector<Duration> offsets;  // after the earliest timestamp, never decreasing
  // Timestamps before an earlier line's, and the first such line, from 1: a server writes a line
  // when a request ends, with the time at which it began.
  std::size_t out_of_order = 0;
  unsigned first_out_of_order = 0;
};

// Reads all of `in` and puts it in order. A timestamp is a decimal number (seconds after anything,
// or another unit) or a date of RFC 3339. On the first line that holds none or that is too long:
// kMalformed with `name` and the line in `where`; likewise without a place when there is no
// timestamp at all. Holds eight bytes for each; any thread.
[[nodiscard]] Result<Trace> read_trace(std::istream& in, const std::string& name,
                                       const TraceOptions& options);

// Moves arrivals at the same instant apart: evenly over `spread`, or over the time to the next
// instant when that is shorter. For timestamps of whole seconds, which would be bursts otherwise.
// REQUIRES: never decreasing.
void spread_out(std::vector<Duration>& offsets, Duration spread);

}  // namespace squall::engine
