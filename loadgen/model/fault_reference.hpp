// The reference of the client faults, for faults/README.md: made from the registry, so it cannot
// lag behind the code.
#pragma once

#include <string>

#include "loadgen/model/client_fault.hpp"

namespace squall::model {

// Markdown: a table of all faults, then for each its keys and its example, in the registry's order.
// Ends with a newline. Pure: the same registry gives the same text.
[[nodiscard]] std::string fault_reference(const ClientFaultRegistry& registry);

}  // namespace squall::model
