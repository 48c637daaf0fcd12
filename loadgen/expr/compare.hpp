// The comparisons of expectations and conditions, done.
#pragma once

#include "loadgen/base/check.hpp"
#include "loadgen/expr/expectation.hpp"

namespace squall::expr {

template <class T>
[[nodiscard]] bool compare(Comparison comparison, const T& actual, const T& expected) {
  switch (comparison) {
    case Comparison::kEqual:
      return actual == expected;
    case Comparison::kNotEqual:
      return actual != expected;
    case Comparison::kLess:
      return actual < expected;
    case Comparison::kLessOrEqual:
      return actual <= expected;
    case Comparison::kGreater:
      return actual > expected;
    case Comparison::kGreaterOrEqual:
      return actual >= expected;
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::expr
