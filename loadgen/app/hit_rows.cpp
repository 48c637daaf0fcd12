#include "loadgen/app/hit_rows.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <fmt/core.h>

namespace squall::app {
namespace {

constexpr std::size_t kMostKinds = 64;  // feeders of a plan

bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("${") != std::string_view::npos;
}

// What requests of one kind have in common. No text of a request holds a line break.
std::string kind_of(const HitRequest& request) {
  std::string kind = fmt::format("{}\n{}\n{}\n{}{}\n", request.method, request.origin,
                                 request.body_file, request.has_body ? 1 : 0, request.json ? 1 : 0);
  kind += is_template(request.path) ? request.path : "";
  for (const auto& [name, value] : request.headers) {
    kind += fmt::format("\n{}:{}", name, is_template(value) ? value : "");
  }
  return kind;
}

// A group while requests are looked at: which headers differ from the first one's.
struct Kind {
  const HitRequest* first = nullptr;
  bool path_differs = false;
  std::vector<char> header_differs;
  std::uint64_t requests = 0;

  [[nodiscard]] bool differs() const {
    return path_differs ||
           header_differs.end() != std::find(header_differs.begin(), header_differs.end(), char{1});
  }
};

void add_field(std::string_view text, std::string& csv) {
  csv += '"';
  for (const char c : text) {
    csv.append(c == '"' ? 2 : 1, c);
  }
  csv += '"';
}

std::string column(const HitGroup& group, std::string_view name) {
  return fmt::format("{{{{{}.{}}}}}", group.feeder, name);
}

// The request with its columns, and the file's first line.
HitGroup begin_group(const Kind& kind, std::size_t number) {
  HitGroup group{
      .request = *kind.first, .requests = kind.requests, .feeder = {}, .file = {}, .csv = {}};
  if (!kind.differs()) {
    return group;
  }
  group.feeder = number == 0 ? "listed" : fmt::format("listed-{}", number + 1);
  group.file = fmt::format("hit-{}.csv", group.feeder);
  std::string line;
  if (kind.path_differs) {
    group.request.path = "/" + column(group, "path");
    line = "path";
  }
  for (std::size_t i = 0; i < kind.header_differs.size(); ++i) {
    if (kind.header_differs[i] != 0) {
      const std::string name = fmt::format("header{}", i + 1);
      group.request.headers[i].second = column(group, name);
      line += (line.empty() ? "" : ",") + name;
    }
  }
  group.csv = line + "\n";
  return group;
}

void add_row(const HitRequest& request, const Kind& kind, std::string& csv) {
  const char* separator = "";
  if (kind.path_differs) {
    add_field(std::string_view(request.path).substr(1), csv);
    separator = ",";
  }
  for (std::size_t i = 0; i < kind.header_differs.size(); ++i) {
    if (kind.header_differs[i] != 0) {
      csv += separator;
      add_field(request.headers[i].second, csv);
      separator = ",";
    }
  }
  csv += '\n';
}

}  // namespace

Result<std::vector<HitGroup>> group_requests(const std::vector<HitRequest>& requests) {
  std::unordered_map<std::string, std::size_t> numbers;
  std::vector<Kind> kinds;
  std::vector<std::uint32_t> kind_of_request;
  kind_of_request.reserve(requests.size());
  for (const HitRequest& request : requests) {
    const auto [known, is_new] = numbers.emplace(kind_of(request), kinds.size());
    if (is_new && kinds.size() == kMostKinds) {
      return fail(ErrorCode::kExhausted,
                  fmt::format("--targets: more than {} requests may have {} kinds, each with its "
                              "method, host, names of headers, body and templates; this list has "
                              "more",
                              kMostWrittenOut, kMostKinds));
    }
    if (is_new) {
      kinds.push_back({&request, false, std::vector<char>(request.headers.size()), 0});
    }
    Kind& kind = kinds[known->second];
    ++kind.requests;
    kind.path_differs = kind.path_differs || request.path != kind.first->path;
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      if (request.headers[i].second != kind.first->headers[i].second) {
        kind.header_differs[i] = 1;
      }
    }
    kind_of_request.push_back(static_cast<std::uint32_t>(known->second));
  }
  std::vector<HitGroup> groups;
  groups.reserve(kinds.size());
  for (const Kind& kind : kinds) {
    groups.push_back(begin_group(kind, groups.size()));
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::uint32_t number = kind_of_request[i];
    if (!groups[number].feeder.empty()) {
      add_row(requests[i], kinds[number], groups[number].csv);
    }
  }
  return groups;
}

}  // namespace squall::app
