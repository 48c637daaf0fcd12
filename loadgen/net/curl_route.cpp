#include "loadgen/net/curl_route.hpp"

#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"

namespace squall::net {
namespace {

// Sets options until one is refused.
class Options {
 public:
  explicit Options(CURL* easy) : easy_(easy) {}
  template <class Value>
  void set(CURLoption option, Value value) {
    if (error_ == CURLE_OK) {
      error_ = curl_easy_setopt(easy_, option, value);
    }
  }
  void set_if_any(CURLoption option, const std::string& value) {
    if (!value.empty()) {
      set(option, value.c_str());
    }
  }
  [[nodiscard]] CURLcode error() const { return error_; }

 private:
  CURL* easy_;
  CURLcode error_ = CURLE_OK;
};

long http_version(HttpVersion version) {
  switch (version) {
    case HttpVersion::k1:
      return CURL_HTTP_VERSION_1_1;
    case HttpVersion::k2:
      return CURL_HTTP_VERSION_2TLS;
    case HttpVersion::k2PriorKnowledge:
      return CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  }
  return CURL_HTTP_VERSION_NONE;
}

// The name that is asked for and checked is the URL's.
void set_tls(Options& options, const TlsSettings& tls) {
  options.set(CURLOPT_SSLVERSION,
              static_cast<long>(tls.min_version == TlsVersion::k13 ? CURL_SSLVERSION_TLSv1_3
                                                                   : CURL_SSLVERSION_TLSv1_2));
  options.set(CURLOPT_SSL_VERIFYPEER, tls.insecure ? 0L : 1L);
  options.set(CURLOPT_SSL_VERIFYHOST, tls.insecure ? 0L : 2L);
  options.set(CURLOPT_SSL_SESSIONID_CACHE, tls.resumption ? 1L : 0L);
  if (!tls.ca_file.empty()) {
    options.set(CURLOPT_CAINFO, tls.ca_file.c_str());
    options.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // the system's, beside it
  }
  options.set_if_any(CURLOPT_PINNEDPUBLICKEY, tls.pinned_key);
  options.set_if_any(CURLOPT_SSLCERT, tls.certificate_file);
  options.set_if_any(CURLOPT_SSLKEY, tls.key_file);
}

void set_auth(Options& options, const AuthSettings& auth) {
  switch (auth.kind) {
    case AuthKind::kNone:
      return;
    case AuthKind::kBasic:
      options.set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      break;
    case AuthKind::kDigest:
      options.set(CURLOPT_HTTPAUTH, CURLAUTH_DIGEST);
      break;
    case AuthKind::kBearer:
      options.set(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      options.set(CURLOPT_XOAUTH2_BEARER, auth.token.c_str());
      return;
    case AuthKind::kAwsSigv4:
      options.set(CURLOPT_AWS_SIGV4,
                  fmt::format("aws:amz:{}:{}", auth.region, auth.service).c_str());
      break;
  }
  options.set(CURLOPT_USERNAME, auth.user.c_str());
  options.set(CURLOPT_PASSWORD, auth.password.c_str());
}

}  // namespace

CurlList curl_list(const std::vector<std::string>& lines) {
  CurlList list;
  for (const std::string& line : lines) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    SQUALL_CHECK(longer != nullptr);
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

CurlRoute::CurlRoute(HttpRoute route, std::optional<TlsSettings> tls,
                     std::vector<std::string> connect_to)
    : route_(std::move(route)), tls_(std::move(tls)), resolve_(curl_list(route_.resolve)) {
  connect_to.insert(connect_to.begin(), route_.connect_to.begin(), route_.connect_to.end());
  connect_to_ = curl_list(connect_to);
}

CURLcode CurlRoute::apply(CURL* easy) const {
  Options options(easy);
  options.set(CURLOPT_HTTP_VERSION, http_version(route_.http));
  options.set(CURLOPT_PROXY, route_.proxy.c_str());  // empty: none
  options.set(CURLOPT_NOPROXY, "");
  options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  options.set_if_any(CURLOPT_UNIX_SOCKET_PATH, route_.unix_socket);
  if (connect_to_) {
    options.set(CURLOPT_CONNECT_TO, connect_to_.get());
  }
  if (resolve_) {
    options.set(CURLOPT_RESOLVE, resolve_.get());
  }
  if (tls_) {
    set_tls(options, *tls_);
  }
  set_auth(options, route_.auth);
  return options.error();
}

}  // namespace squall::net
