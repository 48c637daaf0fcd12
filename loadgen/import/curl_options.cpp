#include "loadgen/import/curl_options.hpp"

#include <algorithm>
#include <array>

namespace squall::import {
namespace {

using enum CurlMeaning;

constexpr bool kValue = true;
constexpr bool kNoValue = false;

// A row for each option: a table of curl's manual.
// clang-format off
constexpr auto kOptions = std::to_array<CurlOption>({
    {"abstract-unix-socket", 0, kValue, kNote},
    {"alt-svc", 0, kValue, kNote},
    {"anyauth", 0, kNoValue, kNote},
    {"aws-sigv4", 0, kValue, kAwsSigV4},
    {"basic", 0, kNoValue, kNothing},
    {"cacert", 0, kValue, kCaCert},
    {"capath", 0, kValue, kNote},
    {"cert", 'E', kValue, kCert},
    {"cert-status", 0, kNoValue, kNote},
    {"cert-type", 0, kValue, kNote},
    {"ciphers", 0, kValue, kNote},
    {"compressed", 0, kNoValue, kCompressed},
    {"compressed-ssh", 0, kNoValue, kNote},
    {"config", 'K', kValue, kNote},
    {"connect-timeout", 0, kValue, kConnectTimeout},
    {"connect-to", 0, kValue, kConnectTo},
    {"continue-at", 'C', kValue, kNote},
    {"cookie", 'b', kValue, kCookie},
    {"cookie-jar", 'c', kValue, kNothing},
    {"create-dirs", 0, kNoValue, kNothing},
    {"crlf", 0, kNoValue, kNote},
    {"crlfile", 0, kValue, kNote},
    {"curves", 0, kValue, kNote},
    {"data", 'd', kValue, kData},
    {"data-ascii", 0, kValue, kData},
    {"data-binary", 0, kValue, kDataBinary},
    {"data-raw", 0, kValue, kDataRaw},
    {"data-urlencode", 0, kValue, kDataUrlencode},
    {"delegation", 0, kValue, kNote},
    {"digest", 0, kNoValue, kDigest},
    {"disable", 'q', kNoValue, kNothing},
    {"dns-interface", 0, kValue, kNote},
    {"dns-servers", 0, kValue, kNote},
    {"doh-url", 0, kValue, kNote},
    {"dump-header", 'D', kValue, kNothing},
    {"engine", 0, kValue, kNote},
    {"etag-compare", 0, kValue, kNote},
    {"etag-save", 0, kValue, kNothing},
    {"expect100-timeout", 0, kValue, kNote},
    {"fail", 'f', kNoValue, kNothing},
    {"fail-early", 0, kNoValue, kNothing},
    {"fail-with-body", 0, kNoValue, kNothing},
    {"false-start", 0, kNoValue, kNote},
    {"form", 'F', kValue, kForm},
    {"form-escape", 0, kNoValue, kNote},
    {"form-string", 0, kValue, kFormString},
    {"get", 'G', kNoValue, kGet},
    {"globoff", 'g', kNoValue, kGlobOff},
    {"happy-eyeballs-timeout-ms", 0, kValue, kNote},
    {"haproxy-protocol", 0, kNoValue, kNote},
    {"head", 'I', kNoValue, kHead},
    {"header", 'H', kValue, kHeader},
    {"hsts", 0, kValue, kNote},
    {"http0.9", 0, kNoValue, kNote},
    {"http1.0", '0', kNoValue, kNote},
    {"http1.1", 0, kNoValue, kNothing},
    {"http2", 0, kNoValue, kHttp2},
    {"http2-prior-knowledge", 0, kNoValue, kHttp2},
    {"http3", 0, kNoValue, kNote},
    {"http3-only", 0, kNoValue, kNote},
    {"ignore-content-length", 0, kNoValue, kNote},
    {"include", 'i', kNoValue, kNothing},
    {"insecure", 'k', kNoValue, kInsecure},
    {"interface", 0, kValue, kNote},
    {"ipv4", '4', kNoValue, kNote},
    {"ipv6", '6', kNoValue, kNote},
    {"json", 0, kValue, kJson},
    {"junk-session-cookies", 'j', kNoValue, kNothing},
    {"keepalive-time", 0, kValue, kNothing},
    {"key", 0, kValue, kKey},
    {"key-type", 0, kValue, kNote},
    {"libcurl", 0, kValue, kNothing},
    {"limit-rate", 0, kValue, kNote},
    {"local-port", 0, kValue, kNote},
    {"location", 'L', kNoValue, kLocation},
    {"location-trusted", 0, kNoValue, kLocation},
    {"login-options", 0, kValue, kNote},
    {"max-filesize", 0, kValue, kNote},
    {"max-redirs", 0, kValue, kNote},
    {"max-time", 'm', kValue, kMaxTime},
    {"negotiate", 0, kNoValue, kNote},
    {"netrc", 'n', kNoValue, kNote},
    {"netrc-file", 0, kValue, kNote},
    {"netrc-optional", 0, kNoValue, kNote},
    {"next", ':', kNoValue, kNext},
    {"no-alpn", 0, kNoValue, kNote},
    {"no-buffer", 'N', kNoValue, kNothing},
    {"no-clobber", 0, kNoValue, kNothing},
    {"no-keepalive", 0, kNoValue, kNothing},
    {"no-progress-meter", 0, kNoValue, kNothing},
    {"no-sessionid", 0, kNoValue, kNote},
    {"no-styled-output", 0, kNoValue, kNothing},
    {"noproxy", 0, kValue, kNote},
    {"ntlm", 0, kNoValue, kNote},
    {"oauth2-bearer", 0, kValue, kBearer},
    {"output", 'o', kValue, kNothing},
    {"output-dir", 0, kValue, kNothing},
    {"parallel", 'Z', kNoValue, kNothing},
    {"parallel-immediate", 0, kNoValue, kNothing},
    {"parallel-max", 0, kValue, kNothing},
    {"pass", 0, kValue, kNote},
    {"path-as-is", 0, kNoValue, kNothing},
    {"pinnedpubkey", 0, kValue, kPinnedKey},
    {"post301", 0, kNoValue, kNote},
    {"post302", 0, kNoValue, kNote},
    {"post303", 0, kNoValue, kNote},
    {"preproxy", 0, kValue, kNote},
    {"progress-bar", '#', kNoValue, kNothing},
    {"progress-meter", 0, kNoValue, kNothing},
    {"proto", 0, kValue, kNote},
    {"proto-default", 0, kValue, kNote},
    {"proto-redir", 0, kValue, kNote},
    {"proxy", 'x', kValue, kProxy},
    {"proxy-anyauth", 0, kNoValue, kNote},
    {"proxy-basic", 0, kNoValue, kNote},
    {"proxy-cacert", 0, kValue, kNote},
    {"proxy-cert", 0, kValue, kNote},
    {"proxy-digest", 0, kNoValue, kNote},
    {"proxy-header", 0, kValue, kNote},
    {"proxy-insecure", 0, kNoValue, kNote},
    {"proxy-key", 0, kValue, kNote},
    {"proxy-negotiate", 0, kNoValue, kNote},
    {"proxy-ntlm", 0, kNoValue, kNote},
    {"proxy-user", 'U', kValue, kNote},
    {"proxytunnel", 'p', kNoValue, kNote},
    {"range", 'r', kValue, kRange},
    {"rate", 0, kValue, kNote},
    {"raw", 0, kNoValue, kNothing},
    {"referer", 'e', kValue, kReferer},
    {"remote-header-name", 'J', kNoValue, kNothing},
    {"remote-name", 'O', kNoValue, kNothing},
    {"remote-name-all", 0, kNoValue, kNothing},
    {"remote-time", 'R', kNoValue, kNothing},
    {"remove-on-error", 0, kNoValue, kNothing},
    {"request", 'X', kValue, kMethod},
    {"request-target", 0, kValue, kRequestTarget},
    {"resolve", 0, kValue, kResolve},
    {"retry", 0, kValue, kNote},
    {"retry-all-errors", 0, kNoValue, kNote},
    {"retry-connrefused", 0, kNoValue, kNote},
    {"retry-delay", 0, kValue, kNote},
    {"retry-max-time", 0, kValue, kNote},
    {"service-name", 0, kValue, kNote},
    {"show-error", 'S', kNoValue, kNothing},
    {"show-headers", 0, kNoValue, kNothing},
    {"silent", 's', kNoValue, kNothing},
    {"skip-existing", 0, kNoValue, kNothing},
    {"socks4", 0, kValue, kProxy},
    {"socks4a", 0, kValue, kProxy},
    {"socks5", 0, kValue, kProxy},
    {"socks5-hostname", 0, kValue, kProxy},
    {"speed-limit", 'Y', kValue, kNote},
    {"speed-time", 'y', kValue, kNote},
    {"ssl", 0, kNoValue, kNote},
    {"ssl-reqd", 0, kNoValue, kNote},
    {"stderr", 0, kValue, kNothing},
    {"styled-output", 0, kNoValue, kNothing},
    {"suppress-connect-headers", 0, kNoValue, kNothing},
    {"tcp-fastopen", 0, kNoValue, kNote},
    {"tcp-nodelay", 0, kNoValue, kNothing},
    {"time-cond", 'z', kValue, kNote},
    {"tls-max", 0, kValue, kNote},
    {"tls13-ciphers", 0, kValue, kNote},
    {"tlspassword", 0, kValue, kNote},
    {"tlsuser", 0, kValue, kNote},
    {"tlsv1", '1', kNoValue, kNote},
    {"tlsv1.0", 0, kNoValue, kNote},
    {"tlsv1.1", 0, kNoValue, kNote},
    {"tlsv1.2", 0, kNoValue, kNote},
    {"tlsv1.3", 0, kNoValue, kNote},
    {"tr-encoding", 0, kNoValue, kNote},
    {"trace", 0, kValue, kNothing},
    {"trace-ascii", 0, kValue, kNothing},
    {"trace-time", 0, kNoValue, kNothing},
    {"unix-socket", 0, kValue, kUnixSocket},
    {"upload-file", 'T', kValue, kUpload},
    {"url", 0, kValue, kUrl},
    {"url-query", 0, kValue, kUrlQuery},
    {"user", 'u', kValue, kUser},
    {"user-agent", 'A', kValue, kUserAgent},
    {"verbose", 'v', kNoValue, kNothing},
    {"write-out", 'w', kValue, kNothing},
    {"xattr", 0, kNoValue, kNothing},
});
// clang-format on

}  // namespace

std::span<const CurlOption> curl_options() {
  return kOptions;
}

const CurlOption* find_curl_option(std::string_view name) {
  const std::span<const CurlOption> all = curl_options();
  const auto named = [&](std::string_view wanted) {
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const CurlOption& option) { return option.name == wanted; });
    return found == all.end() ? nullptr : &*found;
  };
  if (const CurlOption* found = named(name)) {
    return found;
  }
  constexpr std::string_view kNo = "no-";
  static const CurlOption switched_off{"no-", 0, kNoValue, kNothing};
  if (!name.starts_with(kNo)) {
    return nullptr;
  }
  const CurlOption* negated = named(name.substr(kNo.size()));
  return negated != nullptr && !negated->takes_value ? &switched_off : nullptr;
}

const CurlOption* find_curl_letter(char letter) {
  const std::span<const CurlOption> all = curl_options();
  const auto found = std::find_if(all.begin(), all.end(), [&](const CurlOption& option) {
    return option.letter == letter && letter != 0;
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace squall::import
