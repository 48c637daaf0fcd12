#include "loadgen/net/http_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/curl_easy.hpp"
#include "loadgen/net/curl_route.hpp"
#include "loadgen/net/http_header.hpp"

namespace squall::net {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using ParsedUrl = std::unique_ptr<CURLU, UrlDeleter>;

struct TextDeleter {
  void operator()(char* text) const { curl_free(text); }
};
using Text = std::unique_ptr<char, TextDeleter>;

// An answer's header is a line of text; one that goes on for ever must not fill the memory. libcurl
// limits each line only.
constexpr std::size_t kMaxHeaderBytes = 1024UL * 1024;

// Where a request goes when its server is asked for by another name than the URL's host: libcurl
// takes the name from the URL alone.
struct NamedRoute {
  std::string url;          // with that name
  std::string host_header;  // what the URL would have given
  std::string connect_to;
};

Text part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  curl_url_get(url, part, &text, flags);
  return Text(text);
}

// Nothing when libcurl does not take the URL; it says why itself then.
std::optional<NamedRoute> route_by_name(const ClientRequest& request) {
  const ParsedUrl url(curl_url());
  const std::string& name = request.tls.server_name;
  if (url == nullptr ||
      curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  const Text host = part_of(url.get(), CURLUPART_HOST);
  const Text written_port = part_of(url.get(), CURLUPART_PORT);
  const Text port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const bool is_v6 = name.find(':') != std::string::npos;
  if (host == nullptr || port == nullptr ||
      curl_url_set(url.get(), CURLUPART_HOST, (is_v6 ? "[" + name + "]" : name).c_str(), 0) !=
          CURLUE_OK) {
    return std::nullopt;
  }
  const Text whole = part_of(url.get(), CURLUPART_URL);
  if (whole == nullptr) {
    return std::nullopt;
  }
  NamedRoute route;
  route.url = whole.get();
  route.host_header = host.get();
  if (written_port != nullptr) {
    route.host_header += fmt::format(":{}", written_port.get());
  }
  route.connect_to = fmt::format("::{}:{}", host.get(), port.get());
  return route;
}

struct Transfer {
  ClientResponse response;
  std::uint64_t max_body_bytes = 0;
  std::size_t header_bytes = 0;
  bool body_too_large = false;
  bool header_too_large = false;
  char message[CURL_ERROR_SIZE] = {};
};

// Anything but `bytes` returned from these ends the transfer.
std::size_t on_body(const char* data, std::size_t /*one*/, std::size_t bytes,
                    void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  if (bytes > transfer.max_body_bytes - transfer.response.body.size()) {
    transfer.body_too_large = true;
    return 0;
  }
  transfer.response.body.append(data, bytes);
  return bytes;
}

std::size_t on_header(const char* data, std::size_t /*one*/, std::size_t bytes,
                      void* context) noexcept {
  auto& transfer = *static_cast<Transfer*>(context);
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.header_too_large = true;
    return 0;
  }
  const std::string_view line = trim({data, bytes});
  HeaderFields& fields = transfer.response.headers;
  if (line.starts_with("HTTP/")) {
    fields.clear();  // of an interim answer
    return bytes;
  }
  const bool folded = bytes > 0 && (data[0] == ' ' || data[0] == '\t');
  if (folded && !fields.empty()) {
    fields.back().second.append(" ").append(line);
    return bytes;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    fields.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return bytes;
}

bool sends_body(const ClientRequest& request) {
  const std::string& method = request.method;
  if (method == "HEAD") {
    return false;  // libcurl would wait for an answer's body
  }
  return !request.body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
}

Result<CurlList> header_list(const ClientRequest& request, const std::string& host_header) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : request.headers) {
    if (!is_header_field(name, value)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("header \"{}\" cannot be sent: line breaks or other control bytes",
                              printable(name)));
    }
    // "Name:" alone would remove a header instead of sending an empty one.
    lines.push_back(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  if (!host_header.empty() && find_header(request.headers, "Host").empty()) {
    lines.push_back("Host: " + host_header);
  }
  if (sends_body(request)) {
    lines.emplace_back("Expect:");  // libcurl would wait for "100 Continue" before a larger body
    if (find_header(request.headers, "Content-Type").empty()) {
      lines.emplace_back("Content-Type:");  // and would call it a form
    }
  }
  return curl_list(lines);
}

void set_options(CurlOptions& options, const ClientRequest& request, const curl_slist* headers,
                 Transfer& transfer) {
  options.set(CURLOPT_ERRORBUFFER, &transfer.message[0]);
  options.set(CURLOPT_NOSIGNAL, 1L);
  options.set(CURLOPT_PROTOCOLS_STR, "http,https");
  options.set(CURLOPT_FOLLOWLOCATION, 0L);
  options.set(CURLOPT_FRESH_CONNECT, 1L);
  options.set(CURLOPT_FORBID_REUSE, 1L);
  options.set(CURLOPT_TIMEOUT_MS, curl_milliseconds(request.timeout));
  options.set(CURLOPT_URL, request.url.c_str());
  options.set(CURLOPT_HTTPHEADER, headers);
  options.set(CURLOPT_WRITEFUNCTION, &on_body);
  options.set(CURLOPT_WRITEDATA, &transfer);
  options.set(CURLOPT_HEADERFUNCTION, &on_header);
  options.set(CURLOPT_HEADERDATA, &transfer);
  if (sends_body(request)) {
    options.set(CURLOPT_POST, 1L);
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    options.set(CURLOPT_POSTFIELDS, request.body.c_str());
  } else if (request.method == "HEAD") {
    options.set(CURLOPT_NOBODY, 1L);
  }
  options.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

// libcurl reports other schemes with the code that it also has for an answer without a status line.
bool is_http_url(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  const std::string scheme =
      scheme_end == std::string_view::npos ? "http" : to_lower(url.substr(0, scheme_end));
  return (scheme == "http" || scheme == "https") && url.find('\0') == std::string_view::npos;
}

// Without the parts of a URL that may be secret: user and password, query.
std::string described(const ClientRequest& request) {
  std::string_view url = request.url;
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  const std::size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find('/', authority), url.size());
  const std::size_t user_end = url.substr(0, path).rfind('@');
  std::string shown(url);
  if (user_end != std::string_view::npos && user_end >= authority) {
    shown.erase(authority, user_end + 1 - authority);
  }
  return fmt::format("{} {}", request.method, printable(shown));
}

tl::unexpected<Error> failure(const ClientRequest& request, CURLcode code,
                              const Transfer& transfer) {
  const std::string what = described(request);
  if (transfer.body_too_large) {
    return fail(ErrorCode::kExhausted, fmt::format("{}: the answer's body is larger than {} bytes",
                                                   what, request.max_body_bytes));
  }
  if (transfer.header_too_large) {
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("{}: the answer's header is larger than {} bytes", what, kMaxHeaderBytes));
  }
  const char* reason =
      transfer.message[0] != '\0' ? &transfer.message[0] : curl_easy_strerror(code);
  return fail(code == CURLE_URL_MALFORMAT ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
              fmt::format("{}: {}", what, printable(reason)));
}

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const {
  return find_header(headers, name);
}

Result<ClientResponse> send(const ClientRequest& request) {
  initialize_curl();                      // URLs are parsed by it before there is a handle
  if (!is_header_name(request.method)) {  // both are tokens of RFC 9110
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not an HTTP method", printable(request.method)));
  }
  if (!is_http_url(request.url)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: not an http or https URL", described(request)));
  }
  const std::optional<NamedRoute> named =
      request.tls.server_name.empty() ? std::nullopt : route_by_name(request);
  auto headers = header_list(request, named ? named->host_header : std::string());
  if (!headers) {
    return fail(std::move(headers.error()));
  }
  const CurlEasy easy = make_curl_easy();
  Transfer transfer;
  transfer.max_body_bytes = request.max_body_bytes;
  CurlOptions options(easy.get());
  set_options(options, request, headers->get(), transfer);
  if (named) {
    options.set(CURLOPT_URL, named->url.c_str());
  }
  const CurlRoute route(request.route, request.tls,
                        named ? std::vector{named->connect_to} : std::vector<std::string>{});
  const CURLcode set = options.error() != CURLE_OK ? options.error() : route.apply(easy.get());
  if (set != CURLE_OK) {
    return failure(request, set, transfer);
  }
  const TimePoint begin = monotonic_now();
  const CURLcode code = curl_easy_perform(easy.get());
  transfer.response.elapsed = monotonic_now() - begin;
  if (code != CURLE_OK) {
    return failure(request, code, transfer);
  }
  long status = 0;
  if (curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status < 100) {
    return fail(ErrorCode::kUnavailable, fmt::format("{}: no answer", described(request)));
  }
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

}  // namespace squall::net
