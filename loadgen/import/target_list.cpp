#include "loadgen/import/target_list.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/http_url.hpp"
#include "loadgen/base/text.hpp"

namespace squall::import {
namespace {

bool is_method(std::string_view word) {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

class TargetListParser {
 public:
  TargetListParser(const std::string& file, std::size_t most) : file_(file), most_(most) {}

  Result<void> line(std::string_view text, unsigned number) {
    line_ = number;
    const std::string_view content = trim(text);
    if (content.empty() || content.front() == '#') {
      return {};
    }
    if (content.front() == '@') {
      return body(content.substr(1));
    }
    const std::size_t space = content.find(' ');
    const std::string_view first = content.substr(0, space);
    if (is_http_url(first)) {
      return space == std::string_view::npos ? request("GET", first)
                                             : problem("nothing may stand behind a bare URL");
    }
    if (space != std::string_view::npos && is_method(first)) {
      const std::string_view url = trim(content.substr(space));
      return is_http_url(url) && url.find(' ') == std::string_view::npos
                 ? request(first, url)
                 : problem(fmt::format("\"{}\" is not an http:// or https:// URL", printable(url)));
    }
    return header(content);
  }

  Result<std::vector<ListedRequest>> finish() {
    if (requests_.empty()) {
      return fail({ErrorCode::kMalformed,
                   "no request in it; write for example \"GET http://127.0.0.1:8080/\"",
                   SourceRef{file_, 1, 1}});
    }
    return std::move(requests_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> problem(std::string message) const {
    return fail({ErrorCode::kMalformed, std::move(message), SourceRef{file_, line_, 1}});
  }

  Result<void> request(std::string_view method, std::string_view url) {
    if (requests_.size() == most_) {
      return fail({ErrorCode::kExhausted, fmt::format("a list holds at most {} requests", most_),
                   SourceRef{file_, line_, 1}});
    }
    requests_.push_back({std::string(method), std::string(url), {}, {}, {file_, line_, 1}});
    return {};
  }

  Result<void> header(std::string_view content) {
    const std::size_t colon = content.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      return problem(fmt::format("\"{}\" is neither METHOD URL, nor NAME: VALUE, nor @FILE",
                                 printable(content)));
    }
    if (requests_.empty()) {
      return problem("a header belongs to the request above it, and there is none yet");
    }
    requests_.back().headers.emplace_back(trim(content.substr(0, colon)),
                                          trim(content.substr(colon + 1)));
    return {};
  }

  Result<void> body(std::string_view path) {
    if (requests_.empty() || path.empty()) {
      return problem("@FILE names the body of the request above it");
    }
    if (!requests_.back().body_file.empty()) {
      return problem(
          fmt::format("the request at line {} has a body already", requests_.back().where.line));
    }
    requests_.back().body_file = path;
    return {};
  }

  const std::string& file_;
  const std::size_t most_;
  unsigned line_ = 0;
  std::vector<ListedRequest> requests_;
};

}  // namespace

Result<std::vector<ListedRequest>> parse_target_list(std::string_view text, const std::string& file,
                                                     std::size_t most) {
  TargetListParser parser(file, most);
  unsigned number = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (auto read = parser.line(line, ++number); !read) {
      return fail(std::move(read).error());
    }
  }
  return parser.finish();
}

}  // namespace squall::import
