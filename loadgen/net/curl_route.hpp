// How libcurl gets to a server: one way for the load and for everything beside it.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/http_route.hpp"
#include "loadgen/base/tls_settings.hpp"

namespace squall::net {

struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
// A list that libcurl copies nothing of: it lives as long as what it was given to.
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;
[[nodiscard]] CurlList curl_list(const std::vector<std::string>& lines);

// The options of an easy handle that say where requests go and how they are let in: HTTP version,
// proxy (none unless it is asked for, whatever the environment says), credentials, unix socket,
// other addresses, TLS. A value that moves; must outlive the handles that it is applied to. Any
// thread.
class CurlRoute {
 public:
  // `connect_to`: beside those of the route, as libcurl takes them. Without `tls` the library's own
  // defaults stand for https.
  CurlRoute(HttpRoute route, std::optional<TlsSettings> tls,
            std::vector<std::string> connect_to = {});

  // The first option that libcurl did not take, or CURLE_OK.
  [[nodiscard]] CURLcode apply(CURL* easy) const;

 private:
  HttpRoute route_;
  std::optional<TlsSettings> tls_;
  CurlList connect_to_;
  CurlList resolve_;
};

}  // namespace squall::net
