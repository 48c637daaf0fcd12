#include "loadgen/import/har_groups.hpp"

#include <algorithm>

namespace squall::import {

std::vector<std::size_t> concurrent_groups(const std::vector<HarEntry>& entries) {
  std::vector<std::size_t> groups(entries.size());
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < entries.size();) {
    const HarEntry& first = entries[begin];
    WallTime first_answer = first.start + first.took;
    std::size_t end = begin + 1;
    while (first.type != "document" && end < entries.size() && entries[end].page == first.page &&
           entries[end].type != "document" && entries[end].start < first_answer) {
      first_answer = std::min(first_answer, entries[end].start + entries[end].took);
      ++end;
    }
    if (end - begin > 1) {
      ++count;
      std::fill(groups.begin() + static_cast<std::ptrdiff_t>(begin),
                groups.begin() + static_cast<std::ptrdiff_t>(end), count);
    }
    begin = end;
  }
  return groups;
}

}  // namespace squall::import
