// Encoded histograms. The input is taken as base64 text, and then as what would come out of its
// compression, so that changes reach the counts, too. What decodes is encoded and decodes again to
// the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include <zlib.h>

#include "loadgen/base/check.hpp"
#include "loadgen/stats/base64.hpp"
#include "loadgen/stats/histogram_codec.hpp"

namespace {

void check_figures(const squall::stats::Histogram& histogram) {
  SQUALL_CHECK(histogram.min() <= histogram.max());
  std::int64_t below = histogram.value_at_percentile(0);
  for (const double percentile : {0.1, 50.0, 99.9, 100.0}) {
    const std::int64_t value = histogram.value_at_percentile(percentile);
    SQUALL_CHECK(value >= below && value <= histogram.max());
    below = value;
  }
  SQUALL_CHECK(histogram.mean() >= 0 && histogram.stddev() >= 0);
}

void try_text(std::string_view text) {
  using namespace squall::stats;
  const auto histogram = decode_v2_base64(text);
  if (!histogram) {
    SQUALL_CHECK(histogram.error().code == squall::ErrorCode::kMalformed);
    return;
  }
  check_figures(*histogram);
  const auto back = decode_v2_base64(encode_v2_base64(*histogram));
  SQUALL_CHECK(back.has_value() && back->layout() == histogram->layout());
  SQUALL_CHECK(back->count() == histogram->count() && back->max() == histogram->max());
}

// The bytes compressed and with the header that says so: cookie and length, big-endian.
std::string wrapped(std::string_view plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string packed(size, '\0');
  SQUALL_CHECK(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                        reinterpret_cast<const Bytef*>(plain.data()),
                        static_cast<uLong>(plain.size())) == Z_OK);
  packed.resize(size);
  std::string header = "\x1c\x84\x93\x14";
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    header += static_cast<char>(size >> (shift - 8) & 0xff);
  }
  return squall::stats::to_base64(header + packed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  try_text(text);
  try_text(wrapped(text));
  return 0;
}
