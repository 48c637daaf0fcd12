// One line of history.ndjson.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/history.hpp"

namespace squall::model {

// Appends a line with its line break. The step is named, so a line can be read without the plan.
void append_line(std::string& out, const HistoryOperation& operation, std::string_view step);

// `steps`: full names, by index. kMalformed when the text is no such line, or names a step that is
// not among them.
[[nodiscard]] Result<HistoryOperation> parse_history_line(std::string_view text,
                                                          const std::vector<std::string>& steps);

}  // namespace squall::model
