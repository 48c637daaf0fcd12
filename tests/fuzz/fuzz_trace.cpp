// Trace files, in each format: what is read never decreases and begins at zero; what is not names a
// line of the text, or has no timestamp at all.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "loadgen/base/check.hpp"
#include "loadgen/engine/trace_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace squall;
  using namespace squall::engine;
  const std::string text(data, data + size);
  const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const TraceOptions& options :
       {TraceOptions{.format = TraceFormat::kLines, .column = {}},
        TraceOptions{.format = TraceFormat::kCsv, .column = "time"},
        TraceOptions{.format = TraceFormat::kNdjson, .column = "time"},
        TraceOptions{.format = TraceFormat::kNdjson, .column = "/a/0"},
        TraceOptions{.format = TraceFormat::kLog, .column = {}}}) {
    std::istringstream in(text);
    auto trace = read_trace(in, "trace", options);
    if (trace) {
      std::vector<Duration>& offsets = trace->offsets;
      SQUALL_CHECK(std::is_sorted(offsets.begin(), offsets.end()));
      SQUALL_CHECK(trace->out_of_order < offsets.size());
      SQUALL_CHECK(trace->first_out_of_order <= lines);
      spread_out(offsets, std::chrono::seconds(1));
      SQUALL_CHECK(!offsets.empty() && offsets.front() == Duration::zero());
      SQUALL_CHECK(std::is_sorted(offsets.begin(), offsets.end()));
    } else if (trace.error().where) {
      SQUALL_CHECK(trace.error().where->line >= 1 && trace.error().where->line <= lines);
    }
  }
  return 0;
}
