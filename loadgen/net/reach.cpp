#include "loadgen/net/reach.hpp"

#include <curl/curl.h>
#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/net/curl_easy.hpp"
#include "loadgen/net/curl_route.hpp"

namespace squall::net {
Result<void> reach(const std::string& host_and_port, const HttpRoute& route, Duration timeout) {
  const CurlEasy easy = make_curl_easy();
  char message[CURL_ERROR_SIZE] = {};
  const std::string url = "http://" + host_and_port;
  CurlOptions options(easy.get());
  options.set(CURLOPT_ERRORBUFFER, &message[0]);
  options.set(CURLOPT_NOSIGNAL, 1L);
  options.set(CURLOPT_CONNECT_ONLY, 1L);
  options.set(CURLOPT_CONNECTTIMEOUT_MS, curl_milliseconds(timeout));
  options.set(CURLOPT_TIMEOUT_MS, curl_milliseconds(timeout));
  options.set(CURLOPT_URL, url.c_str());
  const CurlRoute way(route, std::nullopt);
  CURLcode code = options.error() != CURLE_OK ? options.error() : way.apply(easy.get());
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
