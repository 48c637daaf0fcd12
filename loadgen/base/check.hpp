// SQUALL_CHECK(condition): aborts with file, line and the condition when an internal invariant is
// broken. Always on. Never for anything that comes from outside (targets, plans, files): that is an
// Error or a recorded outcome.
#pragma once

namespace squall {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace squall

#define SQUALL_CHECK(condition)                               \
  do {                                                        \
    if (!(condition)) [[unlikely]] {                          \
      ::squall::check_failed(#condition, __FILE__, __LINE__); \
    }                                                         \
  } while (false)
