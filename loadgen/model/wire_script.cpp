#include "loadgen/model/wire_script.hpp"

#include <algorithm>

#include "loadgen/base/check.hpp"
#include "loadgen/base/hash.hpp"

namespace squall::model {

std::string_view to_string(WirePoint value) {
  switch (value) {
    case WirePoint::kConnect:
      return "connect";
    case WirePoint::kSend:
      return "send";
    case WirePoint::kHeaders:
      return "headers";
    case WirePoint::kBody:
      return "body";
    case WirePoint::kBeforeLastByte:
      return "before_last_byte";
    case WirePoint::kAfterSend:
      return "after_send";
    case WirePoint::kDuringResponse:
      return "during_response";
  }
  check_failed("WirePoint out of range", __FILE__, __LINE__);
}

std::string_view to_string(Malformation value) {
  switch (value) {
    case Malformation::kBadChunk:
      return "bad_chunk";
    case Malformation::kBadRequestLine:
      return "bad_request_line";
    case Malformation::kDuplicateHeader:
      return "duplicate_header";
    case Malformation::kInvalidUtf8:
      return "invalid_utf8";
    case Malformation::kOversizeHeader:
      return "oversize_header";
    case Malformation::kTruncatedJson:
      return "truncated_json";
    case Malformation::kWrongLength:
      return "wrong_length";
  }
  check_failed("Malformation out of range", __FILE__, __LINE__);
}

bool is_in_body(Malformation value) {
  return value == Malformation::kBadChunk || value == Malformation::kInvalidUtf8 ||
         value == Malformation::kTruncatedJson;
}

bool WireTrickle::operator==(const WireTrickle& other) const {
  const bool same_pauses =
      every == nullptr || other.every == nullptr ? every == other.every : *every == *other.every;
  return bytes == other.bytes && body_only == other.body_only && same_pauses &&
         chance == other.chance;
}

Duration WireTrickle::pause(std::uint64_t piece, std::uint32_t copy) const {
  SQUALL_CHECK(every != nullptr);
  const std::uint64_t draw = hash_combine(hash_combine(chance, copy), piece);
  const double unit = static_cast<double>(mix64(draw) >> 11) * 0x1.0p-53;
  const double unit2 = static_cast<double>(mix64(draw + 1) >> 11) * 0x1.0p-53;
  return std::max(Duration(1), every->at(unit, unit2));
}

}  // namespace squall::model
