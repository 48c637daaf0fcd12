#include "loadgen/effects/curl_line_route.hpp"

#include <fmt/format.h>

#include "loadgen/base/text.hpp"

namespace squall::effects {
namespace {

using model::AuthKind;
using model::HttpVersion;

// Collects options; an empty value is none.
class Options {
 public:
  Options(const model::Plan& plan, const SecretNames& secrets) : plan_(plan), secrets_(secrets) {}

  void flag(std::string_view option) { text_ += fmt::format(" {}", option); }
  void add(std::string_view option, const std::string& value) {
    if (!value.empty()) {
      text_ += fmt::format(" {} {}", option, quote_hiding_secrets(value, secrets_));
    }
  }
  // A password as it may be shown: what is no secret of the environment was written into the plan.
  [[nodiscard]] std::string shown(const std::string& password) const {
    return password.empty() || plan_.secrets.contains(password) ? password : "***";
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  const model::Plan& plan_;
  const SecretNames& secrets_;
  std::string text_;
};

void add_auth(const model::AuthSettings& auth, Options& options) {
  switch (auth.kind) {
    case AuthKind::kNone:
      return;
    case AuthKind::kBasic:
      options.flag("--basic");
      break;
    case AuthKind::kDigest:
      options.flag("--digest");
      break;
    case AuthKind::kBearer:
      options.add("--oauth2-bearer", options.shown(auth.token));
      return;
    case AuthKind::kAwsSigv4:
      options.add("--aws-sigv4", fmt::format("aws:amz:{}:{}", auth.region, auth.service));
      break;
  }
  options.add("--user", auth.user + ":" + options.shown(auth.password));
}

// "http://user:password@host:port"
std::string shown_proxy(const std::string& proxy, const Options& options) {
  const std::size_t scheme_end = proxy.find("://");
  const std::size_t user = scheme_end == std::string::npos ? 0 : scheme_end + 3;
  const std::size_t user_end = proxy.rfind('@');
  const std::size_t colon = proxy.find(':', user);
  if (user_end == std::string::npos || colon >= user_end) {
    return proxy;
  }
  return proxy.substr(0, colon + 1) + options.shown(proxy.substr(colon + 1, user_end - colon - 1)) +
         proxy.substr(user_end);
}

void add_tls(const model::Endpoint& replica, const model::TlsSettings& tls, Options& options) {
  if (tls.insecure) {
    options.flag("--insecure");
  }
  if (tls.min_version == model::TlsVersion::k13) {
    options.flag("--tlsv1.3");
  }
  options.add("--cacert", tls.ca_file);
  options.add("--pinnedpubkey", tls.pinned_key);
  options.add("--cert", tls.certificate_file);
  options.add("--key", tls.key_file);
  if (!tls.server_name.empty()) {
    options.add("--connect-to",
                fmt::format("::{}:{}", model::with_brackets(replica.host), replica.port));
    options.add("-H", "Host: " + replica.authority());
  }
}

}  // namespace

std::string route_options(const model::Plan& plan, const model::Target& target,
                          const SecretNames& secrets) {
  Options options(plan, secrets);
  const HttpRoute& route = target.curl;
  if (route.http != HttpVersion::k1) {
    options.flag(route.http == HttpVersion::k2 ? "--http2" : "--http2-prior-knowledge");
  }
  options.add("--proxy", shown_proxy(route.proxy, options));
  options.add("--unix-socket", route.unix_socket);
  for (const std::string& entry : route.connect_to) {
    options.add("--connect-to", entry);
  }
  for (const std::string& entry : route.resolve) {
    options.add("--resolve", entry);
  }
  add_auth(route.auth, options);
  if (target.tls && !target.replicas.empty()) {
    add_tls(target.replicas.front(), *target.tls, options);
  }
  return options.take();
}

}  // namespace squall::effects
