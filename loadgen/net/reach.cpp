#include "loadgen/net/reach.hpp"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <mutex>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/curl_route.hpp"

namespace squall::net {
namespace {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

long timeout_ms(Duration timeout) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  return static_cast<long>(
      std::clamp<std::int64_t>(ms, 1, std::numeric_limits<std::int32_t>::max()));
}

void initialize_once() {
  static std::once_flag once;
  std::call_once(once, [] { SQUALL_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

}  // namespace

Result<void> reach(const std::string& host_and_port, const HttpRoute& route, Duration timeout) {
  initialize_once();
  const Easy easy(curl_easy_init());
  SQUALL_CHECK(easy != nullptr);
  char message[CURL_ERROR_SIZE] = {};
  const std::string url = "http://" + host_and_port;
  const CurlRoute way(route, std::nullopt);
  CURLcode code = way.apply(easy.get());
  const auto set = [&](CURLoption option, auto value) {
    code = code == CURLE_OK ? curl_easy_setopt(easy.get(), option, value) : code;
  };
  set(CURLOPT_ERRORBUFFER, &message[0]);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECT_ONLY, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms(timeout));
  set(CURLOPT_TIMEOUT_MS, timeout_ms(timeout));
  set(CURLOPT_URL, url.c_str());
  code = code == CURLE_OK ? curl_easy_perform(easy.get()) : code;
  if (code != CURLE_OK) {
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("{}: {}", printable(host_and_port),
                    printable(message[0] != '\0' ? &message[0] : curl_easy_strerror(code))));
  }
  return {};
}

}  // namespace squall::net
