// The reference of plans, generated from the key table and the registries, so that it cannot
// disagree with the loader.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/plan/loader.hpp"

namespace squall::plan {

// Marks the generated part of plans/README.md.
inline constexpr std::string_view kReferenceBegin = "<!-- generated: reference -->";
inline constexpr std::string_view kReferenceEnd = "<!-- end -->";

// Markdown: every table with its keys, the kinds of arrivals, faults, oracles and detectors, the
// grammar of conditions. Ends with a newline. Pure.
[[nodiscard]] std::string reference(const Registries& registries);

// `readme` with what stands between the marks replaced by the reference. kMalformed when the marks
// are missing.
[[nodiscard]] Result<std::string> with_reference(std::string_view readme,
                                                 const Registries& registries);

}  // namespace squall::plan
