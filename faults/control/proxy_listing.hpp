// How proxies and toxics are listed on the command line.
#pragma once

#include <string>

#include "faults/control/proxy_commands.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

// Of the answer to GET /proxies: one line each, sorted by name. What an answer lacks is empty.
[[nodiscard]] std::string proxy_listing(const expr::Value& proxies, ListStyle style);
// Of a proxy's object: one line for each toxic.
[[nodiscard]] std::string toxic_listing(const expr::Value& proxy, ListStyle style);

}  // namespace squall::faults
