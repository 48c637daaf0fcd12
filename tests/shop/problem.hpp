// Answers of handlers, and the shape that errors have: application/problem+json (RFC 9457).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::shop {

// What a handler answers. A value.
struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// {"status":422,"title":"Unprocessable Entity","detail":…}. `detail`: one sentence.
[[nodiscard]] Answer problem(int status, std::string_view detail);

}  // namespace squall::shop
