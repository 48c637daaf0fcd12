#include "loadgen/net/curl_easy.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <mutex>

#include "loadgen/base/check.hpp"

namespace squall::net {

void initialize_curl() {
  static std::once_flag once;
  std::call_once(once, [] { SQUALL_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

CurlEasy make_curl_easy() {
  initialize_curl();
  CurlEasy easy(curl_easy_init());
  SQUALL_CHECK(easy != nullptr);
  return easy;
}

long curl_milliseconds(Duration limit) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  return static_cast<long>(
      std::clamp<std::int64_t>(ms, 1, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace squall::net
