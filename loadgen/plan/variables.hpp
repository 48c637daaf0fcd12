// [vars]: values for {{var.NAME}}.
#pragma once

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::plan {

// Defines each variable of the document in `scope`, in their order. A variable that nothing uses is
// a warning, one that
// --set brought in an error: it is a misspelt one.
void define_vars(const expr::Value& document, expr::Scope& scope, Diagnostics& diagnostics);

}  // namespace squall::plan
