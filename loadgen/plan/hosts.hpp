// Where a plan may send: its own targets, loopback, and what it allows by name.
#pragma once

#include <vector>

#include "loadgen/expr/value.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// Remembers the host of each URL among the string values of an oracle's table ("http://…", "GET
// http://…").
void collect_urls(const expr::Value& table, Build& build);

// Fills Plan::allowed_hosts from `allow`, the command line and the targets; then reports hosts that
// nothing allows.
void check_hosts(const std::vector<expr::LocatedText>& allow, Build& build);

}  // namespace squall::plan
