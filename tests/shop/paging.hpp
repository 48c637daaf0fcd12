// Lists, whole or in pages: ?limit= and ?after=, answered with "next".
#pragma once

#include <cstdint>

#include "loadgen/base/result.hpp"

namespace squall::shop {

class Call;

struct Page {
  std::int64_t after = 0;  // number of the last item that the caller has
  // 1 to 10,000 when the caller asks for pages. One who does not reads no "next" either and gets
  // the whole list: a silent first page would look like lost effects.
  std::int64_t limit = kWhole;

  static constexpr std::int64_t kWhole = 1'000'000'000;
};

// From the query; kMalformed with a message for the answer when a number is none or out of range.
[[nodiscard]] Result<Page> page_of(const Call& call);

}  // namespace squall::shop
