// curl's options about connections, as keys of a plan's target.
#pragma once

#include <string>
#include <vector>

#include "loadgen/import/curl_command.hpp"
#include "loadgen/import/draft.hpp"

namespace squall::import {

// Adds what the target does not have yet; what it has no key for is named in `comments`.
void set_connection(const CurlRequest& request, DraftTarget& target,
                    std::vector<std::string>& comments);

}  // namespace squall::import
