// Lists in pages: ?limit= and ?after=, answered with "next".
#pragma once

#include <cstdint>

#include "loadgen/base/result.hpp"

namespace squall::shop {

class Call;

struct Page {
  std::int64_t after = 0;     // number of the last item that the caller has
  std::int64_t limit = 1000;  // 1 to 10,000
};

// From the query; kMalformed with a message for the answer when a number is none or out of range.
[[nodiscard]] Result<Page> page_of(const Call& call);

}  // namespace squall::shop
