// Faults on proxies and the timeline, in Markdown.
#pragma once

#include <string>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// A table of each, at most `rows` rows long; empty without proxies and timeline.
[[nodiscard]] std::string markdown_timeline(const model::RunRecord& record, std::size_t rows);

}  // namespace squall::reports
