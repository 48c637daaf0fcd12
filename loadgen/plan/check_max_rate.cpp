// The plan's guard against a rate that was not meant.
#include <fmt/core.h>

#include "loadgen/plan/cross_checks.hpp"
#include "loadgen/plan/estimate.hpp"

namespace squall::plan {
namespace {

// A hair of rounding in rates that `squall find` writes is no breach.
constexpr double kRounding = 1 + 1e-6;

}  // namespace

void check_max_rate(const SourceRef& where, Build& build) {
  const model::Plan& plan = build.plan;
  if (!plan.max_rate || !plan.leaves_loopback() || build.diagnostics.has_errors()) {
    return;
  }
  const Estimate asked = estimate(plan, {});
  if (asked.peak_operations.per_second <= plan.max_rate->per_second * kRounding) {
    return;
  }
  build.diagnostics.error(
      where, fmt::format("the plan asks for up to {} ({} arrivals), and max_rate allows {} to "
                         "targets that are not loopback; lower the rate, or raise max_rate in the "
                         "plan if it is meant",
                         format_rate(asked.peak_operations), format_rate(asked.peak_arrivals),
                         format_rate(*plan.max_rate)));
}

}  // namespace squall::plan
