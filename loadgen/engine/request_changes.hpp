// Requests that are changed on purpose after they were rendered: malformed ones, and copies with
// another body.
#pragma once

#include <cstddef>
#include <string>

#include "loadgen/engine/request_builder.hpp"
#include "loadgen/model/wire_script.hpp"

namespace squall::engine {

struct ChangedRequest {
  RenderedRequest request;  // in the buffer that was given
  // The request shows what was done to it once more than so many bytes have been sent.
  std::size_t shows_at = 0;
};

// The same request made wrong in that way. `out` is overwritten and must not hold `request`.
// kInvalidUtf8 and kTruncatedJson leave a request without a body as it is.
[[nodiscard]] ChangedRequest malform(const RenderedRequest& request,
                                     const model::WireMalformed& how, std::string& out);

// The same request with one value of its JSON body replaced. Its request is empty when the body has
// no such value. `out` as above.
[[nodiscard]] ChangedRequest change_body(const RenderedRequest& request,
                                         const model::BodyChange& change, std::string& out);

}  // namespace squall::engine
