// Result<T>: a value or an Error. The one place that names the expected implementation:
// std::expected cannot be used with g++ 12 and clang 14 together.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "loadgen/base/error.hpp"

namespace squall {

template <class T>
using Result = tl::expected<T, Error>;

// return fail(ErrorCode::kMalformed, "…");
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message), {}});
}
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace squall
