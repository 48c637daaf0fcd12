#include "loadgen/import/har_filter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::import {
namespace {

constexpr std::array<std::string_view, 8> kTypes{"document", "stylesheet", "script", "image",
                                                 "font",     "media",      "fetch",  "other"};
constexpr std::string_view kStatic = "static";
constexpr std::array<std::string_view, 5> kStaticTypes{"stylesheet", "script", "image", "font",
                                                       "media"};

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "host", "host:port" or "*.domain".
bool matches_host(std::string_view pattern, const OutsideUrl& url) {
  if (pattern.starts_with("*.")) {
    return url.host.ends_with(pattern.substr(1)) || url.host == pattern.substr(2);
  }
  return pattern == url.host || pattern == url.authority() ||
         pattern == fmt::format("{}:{}", url.host, url.port);
}

std::string_view type_of_media(std::string_view media) {
  if (media == "text/html" || media == "application/xhtml+xml") {
    return "document";
  }
  if (media == "text/css") {
    return "stylesheet";
  }
  if (media.find("javascript") != std::string_view::npos) {
    return "script";
  }
  if (media.starts_with("image/")) {
    return "image";
  }
  if (media.starts_with("font/") || media.find("font-") != std::string_view::npos) {
    return "font";
  }
  if (media.starts_with("audio/") || media.starts_with("video/")) {
    return "media";
  }
  return media.find("json") != std::string_view::npos ? "fetch" : "other";
}

// Sorts a word into types or hosts.
Result<void> sort_in(const std::string& written, std::vector<std::string>& types,
                     std::vector<std::string>& hosts) {
  const std::string word = to_lower(trim(written));
  if (word == kStatic) {
    types.insert(types.end(), kStaticTypes.begin(), kStaticTypes.end());
  } else if (word == "xhr") {
    types.emplace_back("fetch");
  } else if (std::find(kTypes.begin(), kTypes.end(), word) != kTypes.end()) {
    types.push_back(word);
  } else if (word == "localhost" || word.find_first_of(".:*") != std::string::npos) {
    hosts.push_back(word);
  } else {
    std::vector<std::string_view> known(kTypes.begin(), kTypes.end());
    known.push_back(kStatic);
    const auto nearest = nearest_name(word, known);
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is neither a type ({}) nor a host{}", printable(written),
                            join_or(known),
                            nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : ""));
  }
  return {};
}

}  // namespace

std::string_view har_type(const Node& entry) {
  const std::string_view written = entry.text("_resourceType");
  if (written == "xhr" || written == "fetch") {
    return "fetch";
  }
  const auto known = std::find(kTypes.begin(), kTypes.end(), written);
  if (known != kTypes.end() && written != "other") {
    return *known;
  }
  const Node* response = entry.find("response");
  const Node* content = response != nullptr ? response->find("content") : nullptr;
  const std::string media =
      content != nullptr ? to_lower(content->text("mimeType")) : std::string();
  return type_of_media(trim(std::string_view(media).substr(0, media.find(';'))));
}

Result<HarFilter> HarFilter::make(const std::vector<std::string>& include,
                                  const std::vector<std::string>& exclude) {
  HarFilter filter;
  for (const std::string& word : include) {
    if (auto ok = sort_in(word, filter.types_, filter.hosts_); !ok) {
      return fail(with_context(ok.error(), "--include"));
    }
  }
  for (const std::string& word : exclude) {
    if (auto ok = sort_in(word, filter.without_types_, filter.without_hosts_); !ok) {
      return fail(with_context(ok.error(), "--exclude"));
    }
  }
  return filter;
}

bool HarFilter::takes_type(std::string_view type) const {
  return (types_.empty() || contains(types_, type)) && !contains(without_types_, type);
}

bool HarFilter::takes_host(const OutsideUrl& url, const OutsideUrl& own) const {
  const auto matches = [&](const std::string& pattern) { return matches_host(pattern, url); };
  return (url.origin() == own.origin() || std::any_of(hosts_.begin(), hosts_.end(), matches)) &&
         std::none_of(without_hosts_.begin(), without_hosts_.end(), matches);
}

}  // namespace squall::import
