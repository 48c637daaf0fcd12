// Changes to a rendered HTTP/1.1 request: the key is put in, or left out, or made wrong.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/model/idempotency_profile.hpp"
#include "loadgen/verify/shot.hpp"

namespace squall::verify {

// A request in two parts. The head ends with the blank line.
struct RequestText {
  std::string head;
  std::string body;
};

// How the key of an operation is written.
struct KeyForm {
  model::KeyCarrier carrier;
  bool quoted = false;  // as a Structured Field String; in headers only
};

// Makes the edit, in this order: body, change, key, headers; Content-Length follows the body. Fails
// with kInvalidArgument when the body has no place for the key or the change. Pure.
[[nodiscard]] Result<RequestText> edit_request(RequestText request, const std::string& key,
                                               const KeyForm& form, const RequestEdit& edit);

// `"…"` with backslashes before quotes and backslashes (RFC 9651, section 4.1.6).
[[nodiscard]] std::string quoted_string(std::string_view text);

}  // namespace squall::verify
