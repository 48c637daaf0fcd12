#include "loadgen/base/byte_rate.hpp"

#include <string>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall {

Result<double> parse_byte_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const Result<ByteCount> bytes = parse_bytes(text.substr(0, slash));
    Result<Duration> per = parse_duration(text.substr(slash + 1));
    if (!per) {
      per = parse_duration("1" + std::string(text.substr(slash + 1)));
    }
    if (bytes && per && bytes->bytes > 0 && *per > Duration::zero()) {
      return static_cast<double>(bytes->bytes) / to_seconds(*per);
    }
  }
  return fail(
      ErrorCode::kInvalidArgument,
      "\"" + printable(text, 60) + "\" is no pace: write bytes per time, such as \"2KiB/s\"");
}

}  // namespace squall
