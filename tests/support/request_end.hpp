// Where requests end in a stream of bytes, for servers that know no HTTP otherwise.
#pragma once

#include <cstddef>
#include <string_view>

namespace squall::test {

// The size of the first request of `bytes`: header, and body by content-length or chunks. npos when
// it is not whole yet.
[[nodiscard]] std::size_t request_end(std::string_view bytes);

}  // namespace squall::test
