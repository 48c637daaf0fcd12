// HAR recordings (HTTP Archive 1.2) of browsers to a plan.
#pragma once

#include <string_view>

#include "loadgen/import/importer.hpp"

namespace squall::import {

// The recording's requests in the order of time as the steps of one scenario, with the pauses
// between them as think time. Which of them: options.include and exclude (import/har_filter.hpp).
// kMalformed with file:line:col when it is no HAR, kInvalidArgument when nothing of it is left;
// entries that are no request of a step are counted in the notes.
[[nodiscard]] Result<Imported> import_har(std::string_view text, const ImportOptions& options);

}  // namespace squall::import
