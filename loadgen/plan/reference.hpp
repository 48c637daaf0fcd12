// The reference of plans, generated from the key table and the registries, so that it cannot
// disagree with the loader.
#pragma once

#include <string>

#include "loadgen/plan/loader.hpp"

namespace squall::plan {

// Markdown: every table with its keys, the kinds of arrivals, faults, oracles and detectors, the
// grammar of conditions. Ends with a newline. Pure.
[[nodiscard]] std::string reference(const Registries& registries);

// The table of detectors alone, for reports/README.md.
[[nodiscard]] std::string detector_table(const model::DetectorRegistry& registry);

}  // namespace squall::plan
