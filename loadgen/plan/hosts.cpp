#include "loadgen/plan/hosts.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/http_url.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/plan/command_line.hpp"
#include "loadgen/plan/request.hpp"

namespace squall::plan {
namespace {

// "host" or "host:port" as model::may_send_to() compares it; reports what is neither.
void add_allowed(const std::string& text, const SourceRef& where, Build& build) {
  const auto endpoint = model::parse_endpoint("http://" + text);
  if (!endpoint || !endpoint->base_path.empty() || text.find('/') != std::string::npos) {
    build.diagnostics.error(
        where, fmt::format("\"{}\" is not a host; write for example \"api.example\" or "
                           "\"api.example:8443\"",
                           printable(text)));
    return;
  }
  build.plan.allowed_hosts.push_back(to_lower(text));
}

}  // namespace

void collect_urls(const expr::Value& table, Build& build) {
  const expr::Table* entries = table.as_table();
  if (entries == nullptr) {
    return;
  }
  for (const expr::Entry& entry : *entries) {
    const std::string* written = entry.value.as_string();
    if (written == nullptr) {
      continue;
    }
    const std::string text = build.scope.substitute(*written).value_or(std::string());
    const std::size_t space = text.find(' ');
    const std::string_view url =
        std::string_view(text).substr(space == std::string::npos ? 0 : space + 1);
    if (!is_http_url(url)) {
      continue;
    }
    const auto endpoint = endpoint_of_url(url);
    if (!endpoint) {
      build.diagnostics.error(entry.value.where, endpoint.error().message);
      continue;
    }
    build.foreign_hosts.push_back({endpoint->host, endpoint->port, entry.value.where});
  }
}

void check_hosts(const std::vector<expr::LocatedText>& allow, Build& build) {
  for (const expr::LocatedText& entry : allow) {
    add_allowed(entry.text, entry.where, build);
  }
  unsigned ordinal = 0;
  for (const std::string& entry : build.options.allow) {
    add_allowed(entry, {std::string(kAllowOption), ++ordinal, 1}, build);
  }
  for (const std::string& host : build.implied_hosts) {
    build.plan.allowed_hosts.push_back(model::with_brackets(host));
  }
  std::vector<std::string>& hosts = build.plan.allowed_hosts;
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  for (const ForeignHost& foreign : build.foreign_hosts) {
    if (!model::may_send_to(foreign.host, foreign.port, hosts)) {
      build.diagnostics.error(
          foreign.where,
          fmt::format("{} is neither loopback nor a target of this plan; if squall may send there, "
                      "say so with allow = [\"{}\"] or --allow {}",
                      foreign.host, model::with_brackets(foreign.host),
                      model::with_brackets(foreign.host)));
    }
  }
}

}  // namespace squall::plan
