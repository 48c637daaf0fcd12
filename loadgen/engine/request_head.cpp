#include "loadgen/engine/request_head.hpp"

#include <algorithm>

#include "loadgen/base/text.hpp"
#include "loadgen/net/http_header.hpp"

namespace squall::engine {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kVersion = " HTTP/1.1";

bool is_path(std::string_view text) {
  return text.starts_with('/') && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
         });
}

bool read_request_line(std::string_view line, RequestHead& head) {
  if (!line.ends_with(kVersion)) {
    return false;
  }
  line.remove_suffix(kVersion.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) {
    return false;
  }
  head.method = line.substr(0, space);
  head.path = line.substr(space + 1);
  return net::is_header_name(head.method) && is_path(head.path);
}

bool read_field(std::string_view line, RequestHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return false;
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (!net::is_header_field(name, value)) {
    return false;
  }
  head.fields.emplace_back(name, value);
  return true;
}

}  // namespace

std::string_view RequestHead::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) {
    return equals_ignoring_case(field.first, name);
  });
  return found == fields.end() ? std::string_view() : found->second;
}

bool read_request_head(std::string_view text, RequestHead& head) {
  head.fields.clear();
  bool first = true;
  for (;;) {
    const std::size_t end = text.find(kLineEnd);
    if (end == std::string_view::npos) {
      return false;
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + kLineEnd.size());
    if (line.empty()) {
      return !first && text.empty();
    }
    if (!(first ? read_request_line(line, head) : read_field(line, head))) {
      return false;
    }
    first = false;
  }
}

}  // namespace squall::engine
