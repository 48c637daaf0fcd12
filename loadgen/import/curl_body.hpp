// What a curl command sends: the bodies of -d, --json, -F and their relatives.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadgen/import/curl_command.hpp"

namespace squall::import {

struct CurlBody {
  std::optional<std::string> text = {};  // may hold variables
  std::string content_type = {};         // what curl would send; empty: nothing
  std::string query = {};                // with -G: what goes behind the '?'
  std::vector<std::string> notes = {};   // files that would have been sent
};

[[nodiscard]] CurlBody curl_body(const CurlRequest& request);

// Percent-encodes everything but variables.
[[nodiscard]] std::string encoded_around_variables(std::string_view text);

}  // namespace squall::import
