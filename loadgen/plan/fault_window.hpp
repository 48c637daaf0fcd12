// The keys that faults on requests and faults on proxies have in common.
#pragma once

#include <optional>

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::plan {

// `window`; one that the load of this plan never reaches is reported.
[[nodiscard]] std::optional<expr::Window> read_fault_window(expr::TableReader& reader,
                                                            const model::Load& load);

// `share`; none at all is reported.
[[nodiscard]] Share read_fault_share(expr::TableReader& reader);

}  // namespace squall::plan
