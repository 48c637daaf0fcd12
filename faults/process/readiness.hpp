// Whether a service is ready, by its `ready` request.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/service.hpp"

namespace squall::faults {

// One try, which takes at most `timeout`. Nothing when it is ready; otherwise the Error says what
// came instead. REQUIRES: `ready` is not empty. Any thread.
[[nodiscard]] Result<void> probe_readiness(const model::Service& service, Duration timeout);

}  // namespace squall::faults
