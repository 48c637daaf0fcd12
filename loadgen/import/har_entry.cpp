#include "loadgen/import/har_entry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/import/har_filter.hpp"
#include "loadgen/import/iso_time.hpp"

namespace squall::import {
namespace {

constexpr double kLongestMilliseconds = 24.0 * 3600 * 1000;

tl::unexpected<Error> malformed(std::string message, const Node& where) {
  return fail(Error{ErrorCode::kMalformed, std::move(message),
                    SourceRef{{}, where.where.line, where.where.column}});
}

// What a browser's cache asks with: a plan measures the service, not 304s of a cache it has not.
bool is_of_the_cache(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"If-None-Match", "If-Modified-Since",
                                                   "Cache-Control", "Pragma", "If-Range"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view known) { return equals_ignoring_case(known, name); });
}

void read_headers(const Node& request, RecordedRequest& recorded) {
  const Node* headers = request.find("headers");
  const Node::List* list = headers != nullptr ? headers->as_list() : nullptr;
  if (list == nullptr) {
    return;
  }
  for (const Node& header : *list) {
    const std::string_view name = header.text("name");
    if (!name.empty() && !is_of_the_cache(name)) {
      recorded.headers.emplace_back(name, trim(header.text("value")));
    }
  }
}

// The text as sent, else put together from the parameters of a form.
void read_body(const Node& request, RecordedRequest& recorded) {
  const Node* data = request.find("postData");
  if (data == nullptr) {
    return;
  }
  const std::string_view text = data->text("text");
  const Node* params = data->find("params");
  const Node::List* list = params != nullptr ? params->as_list() : nullptr;
  if (!text.empty() || list == nullptr) {
    recorded.body = text;
    return;
  }
  std::string form;
  for (const Node& parameter : *list) {
    form += fmt::format("{}{}={}", form.empty() ? "" : "&", percent_encoded(parameter.text("name")),
                        percent_encoded(parameter.text("value")));
  }
  recorded.body = form;
}

// The type of a body whose header the recording leaves out.
void add_content_type(const Node& request, RecordedRequest& recorded) {
  const Node* data = request.find("postData");
  const std::string_view type = data != nullptr ? data->text("mimeType") : std::string_view();
  if (!type.empty() && recorded.body && !recorded.body->empty() &&
      !has_field(recorded.headers, "Content-Type")) {
    recorded.headers.emplace_back("Content-Type", type);
  }
}

std::vector<std::string> cookie_names(const Node* message) {
  std::vector<std::string> names;
  const Node* cookies = message != nullptr ? message->find("cookies") : nullptr;
  if (const Node::List* list = cookies != nullptr ? cookies->as_list() : nullptr) {
    for (const Node& cookie : *list) {
      const std::string name(cookie.text("name"));
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

Duration duration_of(const Node& entry) {
  const Node* time = entry.find("time");
  const double milliseconds = time != nullptr ? time->number() : 0;
  return std::isfinite(milliseconds)
             ? from_seconds(std::clamp(milliseconds, 0.0, kLongestMilliseconds) / 1000)
             : Duration::zero();
}

bool is_method(std::string_view method) {
  constexpr std::size_t kLongest = 32;
  return !method.empty() && method.size() <= kLongest && method != "CONNECT" &&
         std::all_of(method.begin(), method.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; });
}

}  // namespace

Result<HarEntry> read_har_entry(const Node& node) {
  const Node* request = node.find("request");
  if (request == nullptr || request->as_object() == nullptr) {
    return malformed("an entry without a \"request\"", node);
  }
  HarEntry entry;
  auto url = parse_outside_url(request->text("url"));
  if (!url) {
    return malformed(url.error().message, *request);
  }
  const auto start = parse_iso_time(node.text("startedDateTime"));
  if (!start) {
    return malformed(fmt::format("\"startedDateTime\" is no time: \"{}\"",
                                 printable(node.text("startedDateTime"))),
                     node);
  }
  entry.request.method = request->text("method");
  if (!is_method(entry.request.method)) {
    return malformed(fmt::format("\"{}\" is no method of a step", printable(entry.request.method)),
                     *request);
  }
  entry.start = *start;
  entry.took = duration_of(node);
  entry.url = std::move(*url);
  entry.request.target = entry.url.target;
  entry.request.authority = entry.url.authority();
  read_headers(*request, entry.request);
  read_body(*request, entry.request);
  add_content_type(*request, entry.request);
  const Node* response = node.find("response");
  const Node* status = response != nullptr ? response->find("status") : nullptr;
  const double code = status != nullptr ? status->number() : 0;
  entry.status = code >= 100 && code <= 999 ? static_cast<int>(code) : 0;
  entry.type = har_type(node);
  entry.page = node.text("pageref");
  entry.http1 = to_lower(request->text("httpVersion")).starts_with("http/1");
  entry.cookies_set = cookie_names(response);
  const Node* content = response != nullptr ? response->find("content") : nullptr;
  if (content != nullptr && content->text("encoding").empty()) {
    entry.answer = content->text("text");
  }
  return entry;
}

}  // namespace squall::import
