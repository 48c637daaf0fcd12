#include "loadgen/model/curl_settings.hpp"

#include <fmt/core.h>

namespace squall::model {

std::string_view to_string(EngineKind value) {
  return value == EngineKind::kCurl ? "curl" : "native";
}

std::string CurlSettings::needs_curl() const {
  if (http != HttpVersion::k1) {
    return http == HttpVersion::k2 ? "http = \"2\"" : "http = \"2-prior-knowledge\"";
  }
  if (!proxy.empty()) {
    return "proxy";
  }
  if (auth.kind != AuthKind::kNone) {
    return "auth";
  }
  if (cookies) {
    return "cookies = true";
  }
  if (compression) {
    return "compression = true";
  }
  if (!unix_socket.empty()) {
    return "unix_socket";
  }
  if (!connect_to.empty()) {
    return "connect_to";
  }
  if (!resolve.empty()) {
    return "resolve";
  }
  return redirects > 0 ? fmt::format("redirects = {}", redirects) : std::string();
}

}  // namespace squall::model
