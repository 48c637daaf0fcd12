// Access logs of web servers to a plan that sends the same requests at the same times.
#pragma once

#include <string_view>

#include "loadgen/import/importer.hpp"

namespace squall::import {

// Lines of the common or combined format (base/access_log.hpp). For each method a scenario whose
// arrivals are the log's times and whose paths come from a feeder; both stand in one CSV file
// beside the plan. Times of whole seconds are spread evenly over their second. Without
// options.include_destructive only GET, HEAD and OPTIONS, because a log holds no bodies. Lines that
// are none are counted in the notes; kMalformed with file:line:col of the first one when most are,
// kInvalidArgument when nothing is left or the log is too long for a plan.
[[nodiscard]] Result<Imported> import_log(std::string_view text, const ImportOptions& options);

}  // namespace squall::import
