// One operation as a tracing backend wants it: when, how it ended, under which trace.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/base/time.hpp"
#include "loadgen/model/outcome.hpp"

namespace squall::model {

// Kept only in runs that export spans. The trace is the operation's key without its dashes, as in
// the `traceparent` of its requests. A value.
struct OperationSpan {
  std::uint16_t step = 0;
  std::uint64_t arrival = 0;
  std::uint32_t visit = 0;  // of the step in its iteration; 0: the first
  std::string key;
  Duration intended{};         // after t = 0
  Duration end{};              // after t = 0
  std::uint32_t attempts = 0;  // attempts and copies that were started
  AttemptClass how =
      AttemptClass::kSuccess;  // of the attempt that decided it: the first success, or the last
  int status = 0;              // of the same; 0: no answer
  OperationOutcome outcome = OperationOutcome::kUnknown;
  Exposure exposure = Exposure::kClean;
};

}  // namespace squall::model
