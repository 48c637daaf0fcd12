// What a target asks of the curl engine, beside what both engines do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/http_route.hpp"

namespace squall::model {

// The `engine` of a plan's target.
enum class EngineChoice : std::uint8_t { kAuto, kNative, kCurl };
// What runs a target.
enum class EngineKind : std::uint8_t { kNative, kCurl };
[[nodiscard]] std::string_view to_string(EngineKind value);  // "native", "curl"

using squall::AuthKind;
using squall::AuthSettings;
using squall::HttpVersion;

// Immutable once the plan is loaded. Empty strings and lists: not asked for.
// On HTTP/2 by ALPN the engine sends nothing when the server does not choose it.
struct CurlSettings : HttpRoute {
  unsigned max_streams = 100;  // of one HTTP/2 connection; one value for all targets of a plan
  bool cookies = false;        // a jar for each Exchange::user
  bool compression = false;    // whatever libcurl can undo is accepted
  unsigned redirects = 0;      // followed at most

  // The first thing asked for that only libcurl does, as it stands in a plan; empty when there is
  // none.
  [[nodiscard]] std::string needs_curl() const;
};

}  // namespace squall::model
