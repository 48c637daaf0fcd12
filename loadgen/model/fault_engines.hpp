// The table of faults and engines, for faults/README.md.
#pragma once

#include <string>

#include "loadgen/model/client_fault.hpp"

namespace squall::model {

// Markdown: a row for each form of each kind, made by compiling the form and asking why_not_on().
[[nodiscard]] std::string fault_engine_table(const ClientFaultRegistry& registry);

}  // namespace squall::model
