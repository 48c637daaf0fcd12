// What the parts of [idempotency] ask of each other.
#pragma once

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// One thread; both report to Build::diagnostics. REQUIRES: the table was read without problems.

// That the key can be put where the carrier says, and that nothing else stands there.
void check_carrier(const model::IdempotencyPlan& planned, const SourceRef& where, Build& build);

// That requests depend on what tells one operation from the next.
void check_requests(const model::IdempotencyPlan& planned, Build& build);

// That a change hits a value of the operation's JSON body and is one. `key`: "mutate".
void check_change(const model::BodyChange& change, std::string_view key, expr::TableReader& reader,
                  const model::RequestSpec& operation);

}  // namespace squall::plan
