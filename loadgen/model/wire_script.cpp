#include "loadgen/model/wire_script.hpp"

#include "loadgen/base/check.hpp"

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

}  // namespace squall::model
