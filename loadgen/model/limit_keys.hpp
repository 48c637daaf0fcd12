// What processes of a service may use, as plans write it: `limits` of a [[service]] and the keys of
// an action.
#pragma once

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/service.hpp"

namespace squall::model {

// The keys memory, cpu_time, open_files, processes and nice.
[[nodiscard]] const std::vector<expr::KeySpec>& limit_keys();
// Reads them; problems go to the reader's diagnostics.
[[nodiscard]] ResourceLimits read_limit_keys(expr::TableReader& reader);

}  // namespace squall::model
