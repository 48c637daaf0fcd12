// Where an API description says that its service is.
#pragma once

#include "loadgen/import/document.hpp"
#include "loadgen/import/draft.hpp"
#include "loadgen/import/importer.hpp"

namespace squall::import {

// The first server (Swagger 2.0: host and basePath). options.url replaces scheme, host and port,
// and the path, too, when it has one. Without either it is a loopback address with a comment.
[[nodiscard]] DraftTarget described_target(const Node& document, const ImportOptions& options);

}  // namespace squall::import
