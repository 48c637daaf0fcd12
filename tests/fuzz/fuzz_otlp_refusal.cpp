// What a collector answers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "reports/live/otlp_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(data, data + size);
  const auto spans = squall::reports::otlp_refusal(body, "rejectedSpans");
  const auto figures = squall::reports::otlp_refusal(body, "rejectedDataPoints");
  if (spans.message != figures.message) {
    std::abort();
  }
  return 0;
}
