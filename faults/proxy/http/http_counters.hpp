// What a proxy in HTTP mode has counted.
#pragma once

#include <cstdint>

namespace squall::faults {

struct HttpCounters {
  std::uint64_t exchanges = 0;        // requests whose head was read
  std::uint64_t untouched_links = 0;  // where something was no HTTP/1, or became something else
};

}  // namespace squall::faults
