#include "faults/control/api_route.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

using Name = ApiRoute::Name;

struct Row {
  Name name;
  std::string_view words;    // as to_string() gives it
  std::string_view methods;  // separated by blanks; empty: any
  std::string_view path;     // a segment of one capital letter takes a name
};

constexpr auto kRows = std::to_array<Row>({
    {Name::kReset, "ResetState", "POST", "reset"},
    {Name::kProxyIndex, "ProxyIndex", "GET", "proxies"},
    {Name::kProxyCreate, "ProxyCreate", "POST", "proxies"},
    {Name::kPopulate, "Populate", "POST", "populate"},
    {Name::kProxyShow, "ProxyShow", "GET", "proxies/P"},
    {Name::kProxyUpdate, "ProxyUpdate", "POST PATCH", "proxies/P"},
    {Name::kProxyDelete, "ProxyDelete", "DELETE", "proxies/P"},
    {Name::kToxicIndex, "ToxicIndex", "GET", "proxies/P/toxics"},
    {Name::kToxicCreate, "ToxicCreate", "POST", "proxies/P/toxics"},
    {Name::kToxicShow, "ToxicShow", "GET", "proxies/P/toxics/T"},
    {Name::kToxicUpdate, "ToxicUpdate", "POST PATCH", "proxies/P/toxics/T"},
    {Name::kToxicDelete, "ToxicDelete", "DELETE", "proxies/P/toxics/T"},
    {Name::kVersion, "Version", "GET", "version"},
    {Name::kMetrics, "Metrics", "", "metrics"},
    {Name::kEvents, "Events", "GET", "events"},
});

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? std::optional(lower - 'a' + 10) : std::nullopt;
}

// Nothing for an escape that is none.
std::optional<std::string> decode_segment(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (text.size() - i < 3) {
      return std::nullopt;
    }
    const auto first = hex_digit(text[i + 1]);
    const auto second = hex_digit(text[i + 2]);
    if (!first.has_value() || !second.has_value()) {
      return std::nullopt;
    }
    result += static_cast<char>(*first * 16 + *second);
    i += 2;
  }
  return result;
}

// "http://host/path", as a proxy would be asked, is /path.
std::string_view without_authority(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (!target.starts_with(kScheme)) {
    return target;
  }
  const std::size_t slash = target.find('/', kScheme.size());
  return slash == std::string_view::npos ? "/" : target.substr(slash);
}

// The parts between slashes; a path that ends in one has an empty part at its end. Nothing for what
// is no path.
std::optional<std::vector<std::string>> segments_of(std::string_view path) {
  if (!path.starts_with('/')) {
    return std::nullopt;
  }
  std::vector<std::string> segments;
  const std::vector<std::string_view> parts = split(path.substr(1), '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty() && i + 1 < parts.size()) {
      continue;
    }
    auto decoded = decode_segment(parts[i]);
    if (!decoded.has_value()) {
      return std::nullopt;
    }
    segments.push_back(std::move(*decoded));
  }
  return segments;
}

// Puts the names that the path holds into `route`.
bool is_path_of(const Row& row, const std::vector<std::string>& segments, ApiRoute& route) {
  const std::vector<std::string_view> pattern = split(row.path, '/');
  if (pattern.size() != segments.size()) {
    return false;
  }
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool takes_name = pattern[i] == "P" || pattern[i] == "T";
    if (takes_name ? segments[i].empty() : segments[i] != pattern[i]) {
      return false;
    }
    if (takes_name) {
      (pattern[i] == "P" ? route.proxy : route.toxic) = segments[i];
    }
  }
  return true;
}

bool takes_method(const Row& row, std::string_view method) {
  const std::vector<std::string_view> methods = split(row.methods, ' ');
  return row.methods.empty() || std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace

std::string_view to_string(ApiRoute::Name name) {
  return std::find_if(kRows.begin(), kRows.end(),
                      [name](const Row& row) { return row.name == name; })
      ->words;
}

tl::expected<ApiRoute, NoRoute> find_route(std::string_view method, std::string_view target) {
  target = without_authority(target);
  const std::size_t question = target.find('?');
  const auto segments = segments_of(target.substr(0, question));
  bool known_path = false;
  for (const Row& row : kRows) {
    ApiRoute route{.name = row.name};
    if (!segments.has_value() || !is_path_of(row, *segments, route)) {
      continue;
    }
    if (takes_method(row, method)) {
      route.query = question == std::string_view::npos ? "" : target.substr(question + 1);
      return route;
    }
    known_path = true;
  }
  return tl::unexpected(known_path ? NoRoute::kWrongMethod : NoRoute::kNotFound);
}

}  // namespace squall::faults
