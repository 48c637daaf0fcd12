// Where a plan may send: its own targets, loopback, and what it allows by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/expr/value.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// Whether `allowed` (entries "host" or "host:port", in lower case) or loopback covers it.
[[nodiscard]] bool is_allowed(std::string_view host, std::uint16_t port,
                              const std::vector<std::string>& allowed);

// Remembers the host of each URL among the string values of an oracle's table ("http://…", "GET
// http://…").
void collect_urls(const expr::Value& table, Build& build);

// Fills Plan::allowed_hosts from `allow`, the command line and the targets; then reports hosts that
// nothing allows.
void check_hosts(const std::vector<expr::LocatedText>& allow, Build& build);

}  // namespace squall::plan
