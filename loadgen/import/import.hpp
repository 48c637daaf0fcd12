// Text from elsewhere to the text of a plan: what `squall init` does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/import/importer.hpp"

namespace squall::import {

enum class Source { kCurl, kHar, kOpenApi, kLog };

struct GeneratedPlan {
  std::string text;
  std::vector<DraftSecret> secrets = {};  // variables to set before a run
  std::vector<SideFile> files = {};       // to write beside the plan
  std::vector<std::string> notes = {};    // what was left out
};

// Fails as the importers do (import/curl.hpp, har.hpp, openapi.hpp, log.hpp), and with
// kInvalidArgument when options.url is no URL.
[[nodiscard]] Result<GeneratedPlan> plan_from(Source source, std::string_view text,
                                              const ImportOptions& options);

// The plan to start from (import/starter.hpp), for options.url.
[[nodiscard]] Result<GeneratedPlan> starter(const ImportOptions& options);

}  // namespace squall::import
