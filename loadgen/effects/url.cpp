#include "loadgen/effects/url.hpp"

#include <charconv>
#include <optional>

#include "loadgen/base/text.hpp"
#include "loadgen/model/endpoint.hpp"

namespace squall::effects {
namespace {

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

bool is_clean(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\') {
      return false;
    }
  }
  return true;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0 || value > 65535) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(value);
}

// Splits "host:port", "[::1]:port" or a host alone; false when it is neither.
bool read_authority(std::string_view authority, Url& url) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) {
      return false;
    }
    url.host = to_lower(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') {
      return false;
    }
  } else {
    const std::size_t colon = authority.find(':');
    url.host = to_lower(authority.substr(0, colon));
    port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
  }
  if (url.host.empty() || authority.find('@') != std::string_view::npos) {
    return false;
  }
  url.port = default_port(url.scheme);
  if (!port.empty()) {
    const std::optional<std::uint16_t> number = parse_port(port.substr(1));
    if (!number) {
      return false;
    }
    url.port = *number;
  }
  return true;
}

std::string authority_of(const Url& url) {
  std::string text = model::with_brackets(url.host);
  if (url.port != default_port(url.scheme)) {
    text += ":" + std::to_string(url.port);
  }
  return text;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::string Url::text() const {
  return scheme + "://" + authority_of(*this) + target;
}

bool Url::same_origin(const Url& other) const {
  return scheme == other.scheme && host == other.host && port == other.port;
}

Result<Url> parse_url(std::string_view text) {
  const auto refuse = [text] {
    return fail(
        ErrorCode::kMalformed,
        "\"" + printable(text) + "\" is not an http URL such as http://127.0.0.1:8080/ledger");
  };
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || !is_clean(text)) {
    return refuse();
  }
  url.scheme = to_lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return refuse();
  }
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = rest.find_first_of("/?");
  if (!read_authority(rest.substr(0, path), url)) {
    return refuse();
  }
  url.target = path == std::string_view::npos ? "/" : std::string(rest.substr(path));
  if (url.target.front() == '?') {
    url.target.insert(0, "/");
  }
  return url;
}

Result<Url> resolve(const Url& base, std::string_view reference) {
  const bool other_host = reference.starts_with("//");
  if (other_host || (!reference.starts_with('/') && !reference.starts_with('?'))) {
    return parse_url(other_host ? base.scheme + ":" + std::string(reference)
                                : std::string(reference));
  }
  if (!is_clean(reference)) {
    return fail(ErrorCode::kMalformed, "\"" + printable(reference) + "\" is not a URL");
  }
  Url url = base;
  reference = reference.substr(0, reference.find('#'));
  url.target = reference.starts_with('?')
                   ? base.target.substr(0, base.target.find('?')) + std::string(reference)
                   : std::string(reference);
  return url;
}

Url with_query_parameter(const Url& url, std::string_view name, std::string_view value) {
  const std::size_t mark = url.target.find('?');
  const std::string encoded = percent_encode(name);
  std::string query;
  if (mark != std::string::npos) {
    for (const std::string_view part : split(std::string_view(url.target).substr(mark + 1), '&')) {
      if (!part.empty() && part.substr(0, part.find('=')) != encoded) {
        query += std::string(part) + "&";
      }
    }
  }
  Url result = url;
  result.target = url.target.substr(0, mark) + "?" + query + encoded + "=" + percent_encode(value);
  return result;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z';
    if (letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
      result += c;
    } else {
      result += '%';
      result += kHex[byte >> 4];
      result += kHex[byte & 0xf];
    }
  }
  return result;
}

std::string percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = text[at] == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
    if (low >= 0) {
      result += static_cast<char>(high * 16 + low);
      at += 2;
    } else {
      result += text[at] == '+' ? ' ' : text[at];
    }
  }
  return result;
}

}  // namespace squall::effects
