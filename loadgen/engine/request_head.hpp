// A rendered request taken apart again, for an engine that does not send bytes as they are.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace squall::engine {

// Views into the head that it was read from; used again for the next one, so that it allocates only
// when a request has more fields than any before.
struct RequestHead {
  std::string_view method;
  std::string_view path;  // as in the request line, query included
  std::vector<std::pair<std::string_view, std::string_view>>
      fields;  // values without blanks around

  // The value of the first field of that name, ignoring case; empty when there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

// Reads the head of an HTTP/1.1 request, blank line included: what RequestBuilder makes. False, and
// `head` is of no use, when it is anything else: no three words in the first line, a path that does
// not begin with '/', a field without a colon or with a name that is not a token, control bytes in
// a value, a line that does not end in CRLF, anything after the blank line.
[[nodiscard]] bool read_request_head(std::string_view text, RequestHead& head);

}  // namespace squall::engine
