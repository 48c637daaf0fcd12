// URLs as browsers, curl and API descriptions write them: taken apart, and mended where a request
// line could not carry them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/import/plan_text.hpp"

namespace squall::import {

// An http or https URL. A value.
struct OutsideUrl {
  std::string scheme;       // "http" or "https"
  std::string host;         // lower case; an IPv6 address in brackets
  std::uint16_t port = 80;  // the scheme's own when the URL has none
  std::string target;       // path and query, beginning with '/'; no fragment
  std::string credentials;  // "user:password" in front of the host, as written

  // "https://host" or "http://host:8080".
  [[nodiscard]] std::string origin() const;
  // "host" or "host:8080".
  [[nodiscard]] std::string authority() const;
};

// Without a scheme it is http, as for curl. kInvalidArgument with the reason for other schemes, and
// for hosts and ports that are none.
[[nodiscard]] Result<OutsideUrl> parse_outside_url(std::string_view text,
                                                   Variables variables = Variables::kNone);

// Path and query with every byte that a request line cannot carry as %XX, and "{{" as well, which a
// plan would take for a name; %XX that is there already stays, and so do variables. A fragment is
// left out. Begins with '/' afterwards.
[[nodiscard]] std::string mended_target(std::string_view path_and_query,
                                        Variables variables = Variables::kNone);

// Everything but letters, digits and "-._~" as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace squall::import
