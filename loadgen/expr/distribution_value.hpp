// Distributions as they are written.
#pragma once

#include "loadgen/base/error.hpp"
#include "loadgen/expr/distribution.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::expr {

// The table that read_distribution() reads back as exactly this distribution; everything in it
// stands at `where`.
[[nodiscard]] Value distribution_value(const Distribution& distribution, const SourceRef& where);

}  // namespace squall::expr
