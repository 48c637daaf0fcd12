// Trace files, in each format: what is read never decreases and begins at zero; what is not names a
// line of the text, or has no timestamp at all.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

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
    auto offsets = read_trace(in, "trace", options);
    if (offsets) {
      spread_out(*offsets, std::chrono::seconds(1));
      SQUALL_CHECK(!offsets->empty() && offsets->front() == Duration::zero());
      SQUALL_CHECK(std::is_sorted(offsets->begin(), offsets->end()));
    } else if (offsets.error().where) {
      SQUALL_CHECK(offsets.error().where->line >= 1 && offsets.error().where->line <= lines);
    }
  }
  return 0;
}
