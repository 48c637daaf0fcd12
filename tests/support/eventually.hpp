// Waiting for what happens in another process: there is nothing to be woken by.
#pragma once

#include <functional>

#include "loadgen/base/time.hpp"

namespace squall::test {

// Looks every few milliseconds until `condition` holds; false when it does not within `limit`.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              Duration limit = std::chrono::seconds(20));

}  // namespace squall::test
