// What the end of a transfer means to squall.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/engine/curl_transfer.hpp"
#include "loadgen/model/outcome.hpp"

namespace squall::engine {

// What this host had too little of, when that is why a transfer failed.
enum class HostLack : std::uint8_t { kNone, kDescriptors, kPorts };

struct CurlEnding {
  model::AttemptClass how = model::AttemptClass::kSuccess;
  std::string detail;  // empty for kSuccess
  HostLack lack = HostLack::kNone;
};

// Of a transfer that libcurl has ended with `code`. The classes are those of the native engine:
// what ended before the request had a connection is kRefused (a timeout excepted), because nothing
// of it was sent.
[[nodiscard]] CurlEnding ending_of(const CurlTransfer& transfer, CURLcode code);

}  // namespace squall::engine
