// curl command lines, as people paste them from browsers and documentation, to a plan.
#pragma once

#include <string_view>

#include "loadgen/import/importer.hpp"

namespace squall::import {

// One step for each URL of each curl command in `text`, in order, in one scenario; a target for
// each origin. What a plan cannot say is named in notes and comments, nothing is left out silently,
// and no file is read. kInvalidArgument or kMalformed with line and column for what is no curl
// command.
[[nodiscard]] Result<Imported> import_curl(std::string_view text, const ImportOptions& options);

}  // namespace squall::import
