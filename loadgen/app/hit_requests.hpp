// The requests of a `squall hit` command line, whole: URLs, options and target list together.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/app/hit_options.hpp"
#include "loadgen/base/result.hpp"

namespace squall::app {

struct HitRequest {
  std::string method;
  std::string origin;  // "http://127.0.0.1:8080"
  std::string path;    // with query, "/" at least
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;       // a template
  std::string body_file;  // exact bytes; empty: `body`
  bool has_body = false;
  bool json = false;
};

// In the order of the command line, those of the target list behind. Credentials in headers are
// replaced by ${env:NAME} and go into `secrets`. Fails as hit_plan() does.
[[nodiscard]] Result<std::vector<HitRequest>> hit_requests(
    const HitOptions& options, std::map<std::string, std::string>& secrets);

}  // namespace squall::app
