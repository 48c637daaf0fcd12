// Distances in time that are known to the second, however long they are.
#pragma once

#include <string>

#include "loadgen/base/time.hpp"

namespace squall {

// "5m1s", "1d2h", "0s": exact, unlike format_duration; one with a fraction of a second as that
// writes it. REQUIRES: not negative.
[[nodiscard]] std::string span_text(Duration duration);

}  // namespace squall
