#include "faults/proxy/http/http_head.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

std::string_view word_of(std::string_view line, std::size_t index) {
  for (; index > 0; --index) {
    const std::size_t space = line.find(' ');
    line = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  }
  return line.substr(0, line.find(' '));
}

}  // namespace

HttpHead::HttpHead(std::string_view wire) {
  bool first = true;
  while (!wire.empty()) {
    const std::size_t end = std::min(wire.find("\r\n"), wire.size());
    const std::string_view line = wire.substr(0, end);
    wire.remove_prefix(std::min(end + 2, wire.size()));
    if (line.empty()) {
      break;
    }
    if (first) {
      start_ = line;
      first = false;
    } else if ((line.front() == ' ' || line.front() == '\t') && !fields_.empty()) {
      fields_.back().line.append("\r\n").append(line);  // an old-fashioned continuation
      fields_.back().value.append(" ").append(trim(line));
    } else {
      const std::size_t colon = std::min(line.find(':'), line.size());
      const std::string_view value = line.substr(std::min(colon + 1, line.size()));
      fields_.push_back(
          {std::string(trim(line.substr(0, colon))), std::string(trim(value)), std::string(line)});
    }
  }
}

HttpHead HttpHead::answer(int status) {
  HttpHead head;
  head.start_ = fmt::format("HTTP/1.1 {} {}", status, reason_of(status));
  return head;
}

std::string_view HttpHead::method() const {
  return word_of(start_, 0);
}

std::string_view HttpHead::target() const {
  return word_of(start_, 1);
}

std::string_view HttpHead::path() const {
  std::string_view target = this->target();
  if (const std::size_t scheme = target.find("://");
      !target.starts_with('/') && scheme != std::string_view::npos) {
    const std::size_t slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  return target.substr(0, target.find('?'));
}

int HttpHead::status() const {
  const std::string_view word = word_of(start_, 1);
  int result = 0;
  std::from_chars(word.data(), word.data() + word.size(), result);
  return result;
}

bool HttpHead::is_http_1_0() const {
  return start_.starts_with("HTTP/1.0") || start_.ends_with("HTTP/1.0");
}

std::optional<std::string_view> HttpHead::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (equals_ignoring_case(field.name, name)) {
      return field.value;
    }
  }
  return std::nullopt;
}

bool HttpHead::has_word(std::string_view name, std::string_view word) const {
  for (const Field& field : fields_) {
    if (!equals_ignoring_case(field.name, name)) {
      continue;
    }
    for (const std::string_view part : split(field.value, ',')) {
      if (equals_ignoring_case(trim(part), word)) {
        return true;
      }
    }
  }
  return false;
}

void HttpHead::set_value(std::size_t index, std::string_view value) {
  Field& field = fields_[index];
  field.value = value;
  field.line = field.name + ": " + field.value;
}

void HttpHead::set(std::string_view name, std::string_view value) {
  const auto same = [name](const Field& field) { return equals_ignoring_case(field.name, name); };
  const auto first = std::find_if(fields_.begin(), fields_.end(), same);
  if (first == fields_.end()) {
    fields_.push_back({std::string(name), "", ""});
    set_value(fields_.size() - 1, value);
    return;
  }
  set_value(static_cast<std::size_t>(first - fields_.begin()), value);
  fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

bool HttpHead::remove(std::string_view name) {
  return std::erase_if(fields_, [name](const Field& field) {
           return equals_ignoring_case(field.name, name);
         }) > 0;
}

std::string HttpHead::wire() const {
  std::string out = start_ + "\r\n";
  for (const Field& field : fields_) {
    out.append(field.line).append("\r\n");
  }
  return out.append("\r\n");
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

}  // namespace squall::faults
