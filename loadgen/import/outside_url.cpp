#include "loadgen/import/outside_url.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/endpoint.hpp"

namespace squall::import {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

tl::unexpected<Error> bad_url(std::string_view url, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" {}; a URL is for example "
                                                       "http://127.0.0.1:8080/items",
                                                       printable(url), why));
}

void append_encoded(char c, std::string& out) {
  fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// What a plan's `request` accepts (RFC 3986 would encode more, but browsers do not either).
bool may_stand(char c) {
  return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\' && c != '`';
}

std::uint16_t port_of(std::string_view scheme) {
  return scheme == "https" ? kHttpsPort : kHttpPort;
}

}  // namespace

std::string OutsideUrl::authority() const {
  return port == port_of(scheme) ? host : fmt::format("{}:{}", host, port);
}

std::string OutsideUrl::origin() const {
  return fmt::format("{}://{}", scheme, authority());
}

Result<OutsideUrl> parse_outside_url(std::string_view text, Variables variables) {
  OutsideUrl url;
  const std::string_view whole = trim(text);
  const std::size_t scheme_end = whole.find("://");
  const bool has_scheme =
      scheme_end != std::string_view::npos && scheme_end < whole.find_first_of("/?#@[");
  url.scheme = has_scheme ? to_lower(whole.substr(0, scheme_end)) : "http";
  if (url.scheme != "http" && url.scheme != "https") {
    return bad_url(whole, "is neither http nor https");
  }
  const std::string_view rest = has_scheme ? whole.substr(scheme_end + 3) : whole;
  const std::size_t path_at = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, path_at);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.credentials = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  // The scheme does not matter here, and the one rule for hosts and ports stands there.
  const auto endpoint = model::parse_endpoint(fmt::format("http://{}", authority));
  if (!endpoint) {
    return bad_url(whole, "has no valid host and port");
  }
  url.host = model::with_brackets(endpoint->host);
  const bool has_port = authority.find(':', std::min(authority.find(']'), authority.size())) !=
                            std::string_view::npos ||
                        (authority.find(']') == std::string_view::npos &&
                         authority.find(':') != std::string_view::npos);
  url.port = has_port ? endpoint->port : port_of(url.scheme);
  url.target = mended_target(rest.substr(path_at), variables);
  return url;
}

std::string mended_target(std::string_view path_and_query, Variables variables) {
  path_and_query = path_and_query.substr(0, path_and_query.find('#'));
  std::string mended = path_and_query.starts_with('/') ? "" : "/";
  for (std::size_t i = 0; i < path_and_query.size(); ++i) {
    const char c = path_and_query[i];
    const bool opens = c == '{' && path_and_query.substr(i, 2) == "{{";
    const bool secret = c == '$' && path_and_query.substr(i, 2) == "${";
    const bool mark = c == kVariableMark && variables == Variables::kShell;
    if (mark || (may_stand(c) && !opens && !secret)) {
      mended += c;
    } else {
      append_encoded(c, mended);
    }
  }
  return mended;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      append_encoded(c, encoded);
    }
  }
  return encoded;
}

}  // namespace squall::import
