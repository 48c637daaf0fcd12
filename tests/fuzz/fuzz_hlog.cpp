// Histogram logs: what parses is written and parses again to the same; what does not names a line
// of the text.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "loadgen/base/check.hpp"
#include "loadgen/stats/histogram_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace squall::stats;
  constexpr std::size_t kMostCountBytes = std::size_t{1} << 26;
  const std::string text(data, data + size);
  const auto log = parse_hlog(text, kMostCountBytes);
  if (!log) {
    const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
    SQUALL_CHECK(log.error().where && log.error().where->line >= 1 &&
                 log.error().where->line <= lines);
    return 0;
  }
  std::string again = hlog_header(log->start, "written again");
  for (const LogInterval& interval : log->intervals) {
    SQUALL_CHECK(std::isfinite(interval.start_s) && std::isfinite(interval.length_s));
    SQUALL_CHECK(to_hgrm(interval.histogram, 1.0).size() < 1'000'000);
    again += hlog_line(interval);
  }
  const auto back = parse_hlog(again, kMostCountBytes);
  SQUALL_CHECK(back.has_value() && back->intervals.size() == log->intervals.size());
  for (std::size_t i = 0; i < log->intervals.size(); ++i) {
    SQUALL_CHECK(back->intervals[i].histogram.count() == log->intervals[i].histogram.count());
  }
  return 0;
}
