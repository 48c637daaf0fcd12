// Which requests of a recording the browser made at the same time.
#pragma once

#include <cstddef>
#include <vector>

#include "loadgen/import/har_entry.hpp"

namespace squall::import {

// The number of each entry's group, counted from 1; 0: it is alone. A group's entries follow one
// another, belong to one page, and began before any of them had its answer: so none of them can
// have waited for another. A document begins what comes after it and is in no group. REQUIRES: in
// order of start.
[[nodiscard]] std::vector<std::size_t> concurrent_groups(const std::vector<HarEntry>& entries);

}  // namespace squall::import
