// Bodies of recorded requests.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/import/document.hpp"
#include "loadgen/import/draft.hpp"
#include "loadgen/import/recorded_request.hpp"
#include "loadgen/import/secrets.hpp"

namespace squall::import {

// The same bytes when sent, but for values in JSON and form bodies that an earlier step extracts
// (request.known), credentials there and in multipart bodies, which go to `secrets`, and braces in
// JSON text and forms, which are escaped as those formats do. `content_type` may be empty. What a
// plan cannot hold is left out and named in `comments`. REQUIRES: request.body is set.
[[nodiscard]] DraftBody recorded_body(const RecordedRequest& request, std::string_view content_type,
                                      Secrets& secrets, std::vector<std::string>& comments);

// A JSON value as a body: as a TOML table where that is short and says the same, else as JSON text
// in lines.
[[nodiscard]] DraftBody json_body(const Node& value);

}  // namespace squall::import
