// The URLs that oracles read from: taken apart, and resolved against each other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::effects {

// An absolute http or https URL. A value.
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, without brackets
  std::uint16_t port = 80;
  std::string target;  // path and query, starting with '/'; no fragment

  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool same_origin(const Url& other) const;
};

// kMalformed for anything but an absolute http(s) URL. User names in front of the host, control
// bytes and blanks are refused: they are how one host is made to look like another.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// What `reference` means on a page that came from `base`: an absolute URL, "/path" or "?query".
[[nodiscard]] Result<Url> resolve(const Url& base, std::string_view reference);

// The same URL with that query parameter set to `value` (percent-encoded here), replacing what it
// was.
[[nodiscard]] Url with_query_parameter(const Url& url, std::string_view name,
                                       std::string_view value);

// Everything but letters, digits and -._~ becomes %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);
// The reverse, with '+' as a blank (as in queries). Broken escapes stay as they are.
[[nodiscard]] std::string percent_decode(std::string_view text);

}  // namespace squall::effects
