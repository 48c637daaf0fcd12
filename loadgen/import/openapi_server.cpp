#include "loadgen/import/openapi_server.hpp"

#include <fmt/core.h>

#include "loadgen/import/outside_url.hpp"

namespace squall::import {
namespace {

constexpr std::string_view kPlaceholder = "http://127.0.0.1:8080";

// "https://{region}.example.com" with the defaults of its variables.
std::string filled_in(const Node& server) {
  std::string url(server.text("url"));
  const Node* variables = server.find("variables");
  const Node::Object* all = variables != nullptr ? variables->as_object() : nullptr;
  for (std::size_t i = 0; all != nullptr && i < all->size(); ++i) {
    const std::string mark = "{" + (*all)[i].key + "}";
    const std::string_view value = (*all)[i].value.text("default");
    if (const std::size_t at = url.find(mark); at != std::string::npos) {
      url.replace(at, mark.size(), value);
    }
  }
  return url;
}

std::string described_url(const Node& document) {
  const Node* servers = document.find("servers");
  if (const Node::List* list = servers != nullptr ? servers->as_list() : nullptr) {
    return list->empty() ? "" : filled_in(list->front());
  }
  std::string base(document.text("basePath"));
  if (document.text("host").empty()) {
    return base;
  }
  const Node* schemes = document.find("schemes");
  const Node::List* list = schemes != nullptr ? schemes->as_list() : nullptr;
  const bool named = list != nullptr && !list->empty() && list->front().as_string() != nullptr;
  return fmt::format("{}://{}{}", named ? *list->front().as_string() : "https",
                     document.text("host"), base);
}

// Without the query and the '/' at its end.
std::string base_path(std::string_view target) {
  target = target.substr(0, target.find('?'));
  while (target.ends_with('/')) {
    target.remove_suffix(1);
  }
  return std::string(target);
}

}  // namespace

DraftTarget described_target(const Node& document, const ImportOptions& options) {
  DraftTarget target;
  target.name = "api";
  const std::string written = described_url(document);
  const bool whole = written.find("://") != std::string::npos;
  const auto described =
      parse_outside_url(whole ? written : std::string(kPlaceholder) + mended_target(written));
  const std::string path = described ? base_path(described->target) : "";
  if (!options.url.empty()) {
    const auto own = parse_outside_url(options.url);
    const bool has_path = own && base_path(own->target) != "";
    target.url = has_path ? options.url : (own ? own->origin() : options.url) + path;
    if (whole) {
      target.comments.push_back("The description says " + written + ".");
    }
    return target;
  }
  if (!described || !whole) {
    target.comments.emplace_back("The description names no host: put in yours.");
  }
  target.url = (described ? described->origin() : std::string(kPlaceholder)) + path;
  return target;
}

}  // namespace squall::import
