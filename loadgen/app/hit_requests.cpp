#include "loadgen/app/hit_requests.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include <fmt/core.h>

#include "loadgen/app/run_directory.hpp"
#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/import/secrets.hpp"
#include "loadgen/import/target_list.hpp"
#include "loadgen/model/endpoint.hpp"

namespace squall::app {
namespace {

// A load generator's body or target list of this size is a mistake.
constexpr std::size_t kMaxInput = 256UL * 1024 * 1024;

Result<std::string> read_standard_input() {
  std::string text;
  std::array<char, 64UL * 1024> piece{};
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), stdin)) {
    text.append(piece.data(), count);
    if (text.size() > kMaxInput) {
      return fail(ErrorCode::kExhausted, "standard input holds more than 256 MiB");
    }
  }
  if (std::ferror(stdin) != 0) {
    return fail(ErrorCode::kIo, "standard input cannot be read");
  }
  return text;
}

Result<std::string> text_or_file(const std::string& typed, const char* option) {
  if (!typed.starts_with('@')) {
    return typed;
  }
  auto content = typed == "@-" ? read_standard_input() : read_file(typed.substr(1));
  if (!content) {
    return fail(with_context(std::move(content).error(), option));
  }
  return content;
}

class Credentials {
 public:
  explicit Credentials(std::map<std::string, std::string>& secrets) : secrets_(secrets) {}

  // What stands in the plan for the value of a header or parameter of that name. One that is taken
  // from the environment or made of a template is no secret of the command line.
  std::string hide(std::string_view of, const std::string& value) {
    if (!import::is_secret_name(of) || value.empty() || value.find("${env:") != std::string::npos ||
        value.find("{{") != std::string::npos) {
      return value;
    }
    std::string name = "SQUALL_HIT_";
    for (const char c : to_lower(of)) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      name += !letter ? '_' : c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    // A list may have a million of them.
    std::map<std::string, std::string>& known = names_[name];
    const auto [at, is_new] = known.emplace(value, name);
    if (is_new && known.size() > 1) {
      at->second = fmt::format("{}_{}", name, known.size());
    }
    secrets_[at->second] = value;
    return "${env:" + at->second + "}";
  }

 private:
  std::map<std::string, std::string>& secrets_;
  std::map<std::string, std::map<std::string, std::string>> names_;  // by header, then value
};

Result<HitRequest> at_url(const std::string& url) {
  HitRequest request;
  if (url.find_first_not_of("0123456789") == std::string::npos) {
    // The value of an option that squall does not have, or has under that letter without one.
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is no URL; a rate is --rate {}/s, a number of requests -n",
                            printable(url), url.empty() ? "50" : printable(url)));
  }
  const std::size_t scheme = url.find("://");
  const std::string whole = scheme == std::string::npos ? "http://" + url : url;
  const std::size_t authority = whole.find("://") + 3;
  const std::size_t path = whole.find_first_of("/?#", authority);
  request.origin = whole.substr(0, path);
  if (path != std::string::npos) {
    request.path = whole.substr(path, whole.find('#', path) - path);
  }
  if (!request.path.starts_with('/')) {
    request.path.insert(0, "/");
  }
  if (auto endpoint = model::parse_endpoint(request.origin); !endpoint) {
    return fail(std::move(endpoint).error());
  }
  return request;
}

// The path with the credentials of its query hidden.
std::string without_credentials(const std::string& path, Credentials& credentials) {
  const std::size_t query = path.find('?');
  if (query == std::string::npos) {
    return path;
  }
  std::string text = path.substr(0, query);
  char separator = '?';
  for (const std::string_view pair : split(std::string_view(path).substr(query + 1), '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    text += separator + std::string(name);
    if (equals < pair.size()) {
      // A shorter one would be found everywhere in the reports.
      constexpr std::size_t kTelling = 4;
      const std::string value(pair.substr(equals + 1));
      text += "=" + (value.size() < kTelling ? value : credentials.hide(name, value));
    }
    separator = '&';
  }
  return text;
}

// What the options say about each request that does not say it itself.
struct Common {
  std::string method;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string body_file;
  bool has_body = false;
  bool json = false;
};

// Whether the text names a file whose bytes are to be sent as they are.
bool names_file(const std::string& typed) {
  return typed.starts_with('@') && typed != "@-";
}

Result<Common> common_of(const HitOptions& options, Credentials& credentials) {
  Common common;
  common.method = options.method;
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    const std::string name(trim(std::string_view(header).substr(0, colon)));
    add_joined(
        common.headers, name,
        credentials.hide(name, std::string(trim(std::string_view(header).substr(colon + 1)))));
  }
  common.json = !options.json.empty();
  common.has_body = common.json || !options.data.empty();
  if (!common.json && names_file(options.data)) {
    common.body_file = options.data.substr(1);
    return common;
  }
  auto body =
      text_or_file(common.json ? options.json : options.data, common.json ? "--json" : "--data");
  if (!body) {
    return fail(std::move(body).error());
  }
  common.body = std::move(*body);
  return common;
}

void complete(HitRequest& request, const Common& common) {
  for (const auto& header : common.headers) {
    if (!has_field(request.headers, header.first)) {
      request.headers.push_back(header);
    }
  }
  if (!request.has_body && common.has_body) {
    request.body = common.body;
    request.body_file = common.body_file;
    request.has_body = true;
    request.json = common.json;
  }
  if (request.method.empty()) {
    request.method = !common.method.empty() ? common.method : request.has_body ? "POST" : "GET";
  }
}

Result<HitRequest> listed(const import::ListedRequest& entry, const std::string& list,
                          Credentials& credentials) {
  auto request = at_url(entry.url);
  if (!request) {
    Error error = std::move(request).error();
    error.where = entry.where;
    return fail(std::move(error));
  }
  request->method = entry.method;
  for (const auto& [name, value] : entry.headers) {
    add_joined(request->headers, name, credentials.hide(name, value));
  }
  if (!entry.body_file.empty()) {
    // Relative to the list, as vegeta does not but people expect.
    const std::filesystem::path folder =
        list == "-" ? std::filesystem::path() : std::filesystem::path(list).parent_path();
    request->body_file = (folder / entry.body_file).string();
    request->has_body = true;
  }
  return request;
}

Result<void> append_list(const HitOptions& options, Credentials& credentials,
                         std::vector<HitRequest>& requests) {
  const bool from_input = options.targets == "-";
  auto text = from_input ? read_standard_input() : read_file(options.targets);
  if (!text) {
    return fail(with_context(std::move(text).error(), "--targets"));
  }
  auto list = import::parse_target_list(*text, from_input ? "standard input" : options.targets);
  if (!list) {
    return fail(std::move(list).error());
  }
  requests.reserve(requests.size() + list->size());
  for (import::ListedRequest& entry : *list) {
    auto request = listed(entry, options.targets, credentials);
    if (!request) {
      return fail(std::move(request).error());
    }
    requests.push_back(std::move(*request));
    entry = {};  // a list may have a million of them
  }
  return {};
}

}  // namespace

Result<std::vector<HitRequest>> hit_requests(const HitOptions& options,
                                             std::map<std::string, std::string>& secrets) {
  Credentials credentials(secrets);
  auto common = common_of(options, credentials);
  if (!common) {
    return fail(std::move(common).error());
  }
  std::vector<HitRequest> requests;
  for (const std::string& url : options.urls) {
    auto request = at_url(url);
    if (!request) {
      return fail(std::move(request).error());
    }
    requests.push_back(std::move(*request));
  }
  if (!options.targets.empty()) {
    if (auto appended = append_list(options, credentials, requests); !appended) {
      return fail(std::move(appended).error());
    }
  }
  if (requests.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "nothing to hit: give a URL, for example squall hit http://127.0.0.1:8080/, or "
                "--targets FILE");
  }
  for (HitRequest& request : requests) {
    request.path = without_credentials(request.path, credentials);
    complete(request, *common);
  }
  return requests;
}

}  // namespace squall::app
