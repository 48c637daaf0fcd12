// What a verification of idempotency found, as a part of the Markdown summary.
#pragma once

#include <cstddef>
#include <string>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// What the verdicts rest on, then a row for each property, then how to see each failure again; the
// parts that stand in a list hold `most` lines each. Empty for other runs.
[[nodiscard]] std::string markdown_idempotency(const model::RunRecord& record,
                                               const std::string& directory, std::size_t most);

}  // namespace squall::reports
