// HdrHistogram's V2 encodings, byte-compatible with the Java implementation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::stats {

// V2 compressed (cookie 0x1c849304 around zlib around cookie 0x1c849303 with ZigZag LEB128 counts),
// as base64: one histogram of a .hlog line or of a journal line. Values above the range are not
// part of that format; keep overflow() beside it.
[[nodiscard]] std::string encode_v2_base64(const Histogram& histogram);
[[nodiscard]] std::string encode_v2_base64(const IntervalHistogram& histogram);

// The reverse. `text` is hostile: kMalformed on anything that is not such an encoding, is larger
// than a histogram of its declared layout can be, or declares more than 5 digits or a range above
// 2^62.
[[nodiscard]] Result<Histogram> decode_v2_base64(std::string_view text);

}  // namespace squall::stats
