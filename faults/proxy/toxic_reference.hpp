// All toxics as Markdown, for faults/README.md.
#pragma once

#include <string>

#include "faults/proxy/toxic.hpp"

namespace squall::faults {

// A table of all, then a section for each with its attributes. Pure.
[[nodiscard]] std::string toxic_reference(const ToxicRegistry& registry);

}  // namespace squall::faults
