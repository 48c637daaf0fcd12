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
constexpr std::array kOptions{
    CurlOption{"abstract-unix-socket", 0, kValue, kNote},
    CurlOption{"alt-svc", 0, kValue, kNote},
    CurlOption{"anyauth", 0, kNoValue, kNote},
    CurlOption{"aws-sigv4", 0, kValue, kAwsSigV4},
    CurlOption{"basic", 0, kNoValue, kNothing},
    CurlOption{"cacert", 0, kValue, kCaCert},
    CurlOption{"capath", 0, kValue, kNote},
    CurlOption{"cert", 'E', kValue, kCert},
    CurlOption{"cert-status", 0, kNoValue, kNote},
    CurlOption{"cert-type", 0, kValue, kNote},
    CurlOption{"ciphers", 0, kValue, kNote},
    CurlOption{"compressed", 0, kNoValue, kCompressed},
    CurlOption{"compressed-ssh", 0, kNoValue, kNote},
    CurlOption{"config", 'K', kValue, kNote},
    CurlOption{"connect-timeout", 0, kValue, kConnectTimeout},
    CurlOption{"connect-to", 0, kValue, kConnectTo},
    CurlOption{"continue-at", 'C', kValue, kNote},
    CurlOption{"cookie", 'b', kValue, kCookie},
    CurlOption{"cookie-jar", 'c', kValue, kNothing},
    CurlOption{"create-dirs", 0, kNoValue, kNothing},
    CurlOption{"crlf", 0, kNoValue, kNote},
    CurlOption{"crlfile", 0, kValue, kNote},
    CurlOption{"curves", 0, kValue, kNote},
    CurlOption{"data", 'd', kValue, kData},
    CurlOption{"data-ascii", 0, kValue, kData},
    CurlOption{"data-binary", 0, kValue, kDataBinary},
    CurlOption{"data-raw", 0, kValue, kDataRaw},
    CurlOption{"data-urlencode", 0, kValue, kDataUrlencode},
    CurlOption{"delegation", 0, kValue, kNote},
    CurlOption{"digest", 0, kNoValue, kDigest},
    CurlOption{"disable", 'q', kNoValue, kNothing},
    CurlOption{"dns-interface", 0, kValue, kNote},
    CurlOption{"dns-servers", 0, kValue, kNote},
    CurlOption{"doh-url", 0, kValue, kNote},
    CurlOption{"dump-header", 'D', kValue, kNothing},
    CurlOption{"engine", 0, kValue, kNote},
    CurlOption{"etag-compare", 0, kValue, kNote},
    CurlOption{"etag-save", 0, kValue, kNothing},
    CurlOption{"expect100-timeout", 0, kValue, kNote},
    CurlOption{"fail", 'f', kNoValue, kNothing},
    CurlOption{"fail-early", 0, kNoValue, kNothing},
    CurlOption{"fail-with-body", 0, kNoValue, kNothing},
    CurlOption{"false-start", 0, kNoValue, kNote},
    CurlOption{"form", 'F', kValue, kForm},
    CurlOption{"form-escape", 0, kNoValue, kNote},
    CurlOption{"form-string", 0, kValue, kFormString},
    CurlOption{"get", 'G', kNoValue, kGet},
    CurlOption{"globoff", 'g', kNoValue, kNothing},
    CurlOption{"happy-eyeballs-timeout-ms", 0, kValue, kNote},
    CurlOption{"haproxy-protocol", 0, kNoValue, kNote},
    CurlOption{"head", 'I', kNoValue, kHead},
    CurlOption{"header", 'H', kValue, kHeader},
    CurlOption{"hsts", 0, kValue, kNote},
    CurlOption{"http0.9", 0, kNoValue, kNote},
    CurlOption{"http1.0", '0', kNoValue, kNote},
    CurlOption{"http1.1", 0, kNoValue, kNothing},
    CurlOption{"http2", 0, kNoValue, kHttp2},
    CurlOption{"http2-prior-knowledge", 0, kNoValue, kHttp2},
    CurlOption{"http3", 0, kNoValue, kNote},
    CurlOption{"http3-only", 0, kNoValue, kNote},
    CurlOption{"ignore-content-length", 0, kNoValue, kNote},
    CurlOption{"include", 'i', kNoValue, kNothing},
    CurlOption{"insecure", 'k', kNoValue, kInsecure},
    CurlOption{"interface", 0, kValue, kNote},
    CurlOption{"ipv4", '4', kNoValue, kNote},
    CurlOption{"ipv6", '6', kNoValue, kNote},
    CurlOption{"json", 0, kValue, kJson},
    CurlOption{"junk-session-cookies", 'j', kNoValue, kNothing},
    CurlOption{"keepalive-time", 0, kValue, kNothing},
    CurlOption{"key", 0, kValue, kKey},
    CurlOption{"key-type", 0, kValue, kNote},
    CurlOption{"libcurl", 0, kValue, kNothing},
    CurlOption{"limit-rate", 0, kValue, kNote},
    CurlOption{"local-port", 0, kValue, kNote},
    CurlOption{"location", 'L', kNoValue, kLocation},
    CurlOption{"location-trusted", 0, kNoValue, kLocation},
    CurlOption{"login-options", 0, kValue, kNote},
    CurlOption{"max-filesize", 0, kValue, kNote},
    CurlOption{"max-redirs", 0, kValue, kNote},
    CurlOption{"max-time", 'm', kValue, kMaxTime},
    CurlOption{"negotiate", 0, kNoValue, kNote},
    CurlOption{"netrc", 'n', kNoValue, kNote},
    CurlOption{"netrc-file", 0, kValue, kNote},
    CurlOption{"netrc-optional", 0, kNoValue, kNote},
    CurlOption{"next", ':', kNoValue, kNext},
    CurlOption{"no-alpn", 0, kNoValue, kNote},
    CurlOption{"no-buffer", 'N', kNoValue, kNothing},
    CurlOption{"no-clobber", 0, kNoValue, kNothing},
    CurlOption{"no-keepalive", 0, kNoValue, kNothing},
    CurlOption{"no-progress-meter", 0, kNoValue, kNothing},
    CurlOption{"no-sessionid", 0, kNoValue, kNote},
    CurlOption{"no-styled-output", 0, kNoValue, kNothing},
    CurlOption{"noproxy", 0, kValue, kNote},
    CurlOption{"ntlm", 0, kNoValue, kNote},
    CurlOption{"oauth2-bearer", 0, kValue, kBearer},
    CurlOption{"output", 'o', kValue, kNothing},
    CurlOption{"output-dir", 0, kValue, kNothing},
    CurlOption{"parallel", 'Z', kNoValue, kNothing},
    CurlOption{"parallel-immediate", 0, kNoValue, kNothing},
    CurlOption{"parallel-max", 0, kValue, kNothing},
    CurlOption{"pass", 0, kValue, kNote},
    CurlOption{"path-as-is", 0, kNoValue, kNothing},
    CurlOption{"pinnedpubkey", 0, kValue, kPinnedKey},
    CurlOption{"post301", 0, kNoValue, kNote},
    CurlOption{"post302", 0, kNoValue, kNote},
    CurlOption{"post303", 0, kNoValue, kNote},
    CurlOption{"preproxy", 0, kValue, kNote},
    CurlOption{"progress-bar", '#', kNoValue, kNothing},
    CurlOption{"progress-meter", 0, kNoValue, kNothing},
    CurlOption{"proto", 0, kValue, kNote},
    CurlOption{"proto-default", 0, kValue, kNote},
    CurlOption{"proto-redir", 0, kValue, kNote},
    CurlOption{"proxy", 'x', kValue, kProxy},
    CurlOption{"proxy-anyauth", 0, kNoValue, kNote},
    CurlOption{"proxy-basic", 0, kNoValue, kNote},
    CurlOption{"proxy-cacert", 0, kValue, kNote},
    CurlOption{"proxy-cert", 0, kValue, kNote},
    CurlOption{"proxy-digest", 0, kNoValue, kNote},
    CurlOption{"proxy-header", 0, kValue, kNote},
    CurlOption{"proxy-insecure", 0, kNoValue, kNote},
    CurlOption{"proxy-key", 0, kValue, kNote},
    CurlOption{"proxy-negotiate", 0, kNoValue, kNote},
    CurlOption{"proxy-ntlm", 0, kNoValue, kNote},
    CurlOption{"proxy-user", 'U', kValue, kNote},
    CurlOption{"proxytunnel", 'p', kNoValue, kNote},
    CurlOption{"range", 'r', kValue, kRange},
    CurlOption{"rate", 0, kValue, kNote},
    CurlOption{"raw", 0, kNoValue, kNothing},
    CurlOption{"referer", 'e', kValue, kReferer},
    CurlOption{"remote-header-name", 'J', kNoValue, kNothing},
    CurlOption{"remote-name", 'O', kNoValue, kNothing},
    CurlOption{"remote-name-all", 0, kNoValue, kNothing},
    CurlOption{"remote-time", 'R', kNoValue, kNothing},
    CurlOption{"remove-on-error", 0, kNoValue, kNothing},
    CurlOption{"request", 'X', kValue, kMethod},
    CurlOption{"request-target", 0, kValue, kRequestTarget},
    CurlOption{"resolve", 0, kValue, kResolve},
    CurlOption{"retry", 0, kValue, kNote},
    CurlOption{"retry-all-errors", 0, kNoValue, kNote},
    CurlOption{"retry-connrefused", 0, kNoValue, kNote},
    CurlOption{"retry-delay", 0, kValue, kNote},
    CurlOption{"retry-max-time", 0, kValue, kNote},
    CurlOption{"service-name", 0, kValue, kNote},
    CurlOption{"show-error", 'S', kNoValue, kNothing},
    CurlOption{"show-headers", 0, kNoValue, kNothing},
    CurlOption{"silent", 's', kNoValue, kNothing},
    CurlOption{"skip-existing", 0, kNoValue, kNothing},
    CurlOption{"socks4", 0, kValue, kProxy},
    CurlOption{"socks4a", 0, kValue, kProxy},
    CurlOption{"socks5", 0, kValue, kProxy},
    CurlOption{"socks5-hostname", 0, kValue, kProxy},
    CurlOption{"speed-limit", 'Y', kValue, kNote},
    CurlOption{"speed-time", 'y', kValue, kNote},
    CurlOption{"ssl", 0, kNoValue, kNote},
    CurlOption{"ssl-reqd", 0, kNoValue, kNote},
    CurlOption{"stderr", 0, kValue, kNothing},
    CurlOption{"styled-output", 0, kNoValue, kNothing},
    CurlOption{"suppress-connect-headers", 0, kNoValue, kNothing},
    CurlOption{"tcp-fastopen", 0, kNoValue, kNote},
    CurlOption{"tcp-nodelay", 0, kNoValue, kNothing},
    CurlOption{"time-cond", 'z', kValue, kNote},
    CurlOption{"tls-max", 0, kValue, kNote},
    CurlOption{"tls13-ciphers", 0, kValue, kNote},
    CurlOption{"tlspassword", 0, kValue, kNote},
    CurlOption{"tlsuser", 0, kValue, kNote},
    CurlOption{"tlsv1", '1', kNoValue, kNote},
    CurlOption{"tlsv1.0", 0, kNoValue, kNote},
    CurlOption{"tlsv1.1", 0, kNoValue, kNote},
    CurlOption{"tlsv1.2", 0, kNoValue, kNote},
    CurlOption{"tlsv1.3", 0, kNoValue, kNote},
    CurlOption{"tr-encoding", 0, kNoValue, kNote},
    CurlOption{"trace", 0, kValue, kNothing},
    CurlOption{"trace-ascii", 0, kValue, kNothing},
    CurlOption{"trace-time", 0, kNoValue, kNothing},
    CurlOption{"unix-socket", 0, kValue, kUnixSocket},
    CurlOption{"upload-file", 'T', kValue, kUpload},
    CurlOption{"url", 0, kValue, kUrl},
    CurlOption{"url-query", 0, kValue, kUrlQuery},
    CurlOption{"user", 'u', kValue, kUser},
    CurlOption{"user-agent", 'A', kValue, kUserAgent},
    CurlOption{"verbose", 'v', kNoValue, kNothing},
    CurlOption{"write-out", 'w', kValue, kNothing},
    CurlOption{"xattr", 0, kNoValue, kNothing},
};
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
