// The keys of a [[target]] that are about its engine.
#pragma once

#include <vector>

#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// The description of [[target]] with those keys behind its own.
[[nodiscard]] expr::TableSpec with_curl_keys(expr::TableSpec target);

// Reads them into target.curl and chooses target.engine; `target` has its replicas already.
void read_curl_settings(expr::TableReader& reader, Build& build, model::Target& target);

// What HTTP/2 targets of one plan must have in common.
void check_streams(const std::vector<const expr::Value*>& tables, Build& build);

}  // namespace squall::plan
