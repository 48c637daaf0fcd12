// API descriptions (OpenAPI 3.0 and 3.1, Swagger 2.0; JSON or YAML) to a plan.
#pragma once

#include <string_view>

#include "loadgen/import/importer.hpp"

namespace squall::import {

// A scenario for each operation, so that one whose sample values the service does not know stops no
// other; parameters and bodies from examples, defaults and schemas; credentials as ${env:…}.
// References into other files are not followed. kMalformed with file:line:col when it is no API
// description, kInvalidArgument when it describes no operation that may be called.
[[nodiscard]] Result<Imported> import_openapi(std::string_view text, const ImportOptions& options);

}  // namespace squall::import
